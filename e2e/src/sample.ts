import { WORLD } from './worlds/chosen.ts';

/** Where the part of the sample runs that the lab has in a third cluster. */
const WEST = WORLD.clusters.includes('gke-west') ? 'gke-west' : 'aws-east';

/** Workloads of the sample, by short names. */
export const SAMPLE = {
  frontend: 'aws-east/shop/Deployment/frontend',
  cart: 'aws-east/shop/Deployment/cart',
  ledgerDb: 'aws-east/ledger/StatefulSet/ledger-db',
  catalog: `${WEST}/shop/Deployment/catalog`,
  settlement: `${WEST}/ledger/Deployment/settlement`,
  billing: `${WEST}/finance/Deployment/billing`,
  reporting: 'onprem-fra/analytics/Deployment/reporting',
  inventory: 'onprem-fra/shop/Deployment/inventory',
  printServer: 'onprem-fra/legacy/Deployment/print-server',
  sandboxApi: 'onprem-fra/dev/Deployment/sandbox-api',
} as const;
