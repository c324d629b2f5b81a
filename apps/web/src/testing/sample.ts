import { SAMPLE_WORLD } from '@flatland/shared/testing/sample-world';
import { snapshotOf, type World } from '@flatland/shared/testing/world';
import { buildTopology } from '@flatland/shared/topology/build-topology';
import type { DriftedObject } from '@flatland/shared/plan/drift';
import type { PairProbe } from '@flatland/shared/report/console-event';
import type { Topology } from '@flatland/shared/topology/topology';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { NamespaceName, ObjectName } from '@flatland/shared/model/names';
import { assignHues } from '../graph/model/domain-hue.ts';
import { DEFAULT_OPTIONS, type GraphInput, type GraphOptions } from '../graph/model/graph-input.ts';
import { stagedChanges } from '../staging/staged-changes.ts';
import type { Intent } from '@flatland/shared/intent/intent';

/** The sample lab as the console sees it. */
export function sampleTopology(): Topology {
  return topologyOf(SAMPLE_WORLD);
}

/** Any world as the console sees it. */
export function topologyOf(world: World): Topology {
  return buildTopology(snapshotOf(world));
}

/** Workloads of the sample by name. */
export const SAMPLE = {
  frontend: 'aws-east/shop/Deployment/frontend',
  cart: 'aws-east/shop/Deployment/cart',
  ledgerDb: 'aws-east/ledger/StatefulSet/ledger-db',
  catalog: 'gke-west/shop/Deployment/catalog',
  settlement: 'gke-west/ledger/Deployment/settlement',
  billing: 'gke-west/finance/Deployment/billing',
  reporting: 'onprem-fra/analytics/Deployment/reporting',
  printServer: 'onprem-fra/legacy/Deployment/print-server',
} as const;

/** What the map draws from a topology, with little besides. */
export function inputOf(
  topology: Topology,
  more: {
    readonly intents?: readonly Intent[];
    readonly probes?: readonly PairProbe[];
    readonly drifted?: readonly DriftedObject[];
    readonly options?: Partial<GraphOptions>;
  } = {},
): GraphInput {
  const intents = more.intents ?? [];
  const made = intents.flatMap((intent) => (intent.kind === 'create-domain' ? [intent.domain.name] : []));
  return {
    topology,
    staged: stagedChanges(intents, topology),
    probes: more.probes ?? [],
    reports: [],
    flows: [],
    drifted: more.drifted ?? [],
    hues: assignHues([...Object.keys(topology.domains), ...made]),
    nowMs: 1_000_000,
    options: { ...DEFAULT_OPTIONS, ...more.options },
  };
}

/** A probe between two workloads of a domain. */
export function probeOf(
  from: string,
  to: string,
  domain: string,
  outcome: { readonly echoed: boolean; readonly agrees: boolean; readonly atMs?: number },
): PairProbe {
  return {
    from,
    to,
    domain,
    result: {
      from: { namespace: 'shop' as NamespaceName, pod: 'pod' as ObjectName },
      to: '10.81.0.1' as IpAddress,
      protocol: 'ICMP',
      echoed: outcome.echoed,
      ...(outcome.echoed ? { rttMs: 0.3 } : { reason: 'probe-timeout' as const }),
      detail: '',
      datapath: 'kernel',
      atMs: outcome.atMs ?? 1000,
    },
    verdict: { answer: 'yes', reason: 'shared-domain' },
    agrees: outcome.agrees,
  };
}
