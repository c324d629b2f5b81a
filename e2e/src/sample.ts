/** Workloads of the sample, by short names. */
export const SAMPLE = {
  frontend: 'aws-east/shop/Deployment/frontend',
  cart: 'aws-east/shop/Deployment/cart',
  ledgerDb: 'aws-east/ledger/StatefulSet/ledger-db',
  catalog: 'gke-west/shop/Deployment/catalog',
  settlement: 'gke-west/ledger/Deployment/settlement',
  billing: 'gke-west/finance/Deployment/billing',
  reporting: 'onprem-fra/analytics/Deployment/reporting',
  inventory: 'onprem-fra/shop/Deployment/inventory',
  printServer: 'onprem-fra/legacy/Deployment/print-server',
  sandboxApi: 'onprem-fra/dev/Deployment/sandbox-api',
} as const;
