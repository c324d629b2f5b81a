import type { AuditChain, Console, Principal } from '../api/console.ts';
import type { Clusters } from '../clusters/clusters.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { Sessions } from '../http/sessions.ts';
import type { Journal } from '../journal/journal.ts';
import type { EventRing } from '../state/event-ring.ts';
import type { FlowHistory } from '../state/flow-history.ts';
import type { ReportStore } from '../state/report-store.ts';
import type { World } from '../state/world.ts';
import type { ChangeSets } from './change-sets.ts';
import type { ClusterConnections } from './cluster-connections.ts';
import type { Drift } from './drift.ts';
import { lastHour } from './last-hour.ts';
import { overview } from './overview.ts';
import type { PairProbes } from './pair-probes.ts';

export interface ConsoleDeps {
  readonly journal: Journal;
  readonly sessions: Sessions;
  readonly clusters: Clusters;
  readonly world: () => World;
  readonly ring: EventRing;
  readonly reports: ReportStore;
  readonly flows: FlowHistory;
  readonly changeSets: ChangeSets;
  readonly connections: ClusterConnections;
  readonly drift: Drift;
  readonly pairProbes: PairProbes;
  readonly readiness: () => Readiness;
  readonly startedAtMs: number;
  readonly isLab: boolean;
  readonly linkTo: (token: string) => string;
  readonly nowMs: () => number;
}

/** Reading the whole chain takes time, so what it came to is kept for so long. */
const CHAIN_FRESH_MS = 60_000;

/** The console that the procedures delegate to. */
export function createConsole(deps: ConsoleDeps): Console {
  const { journal, sessions, pairProbes, nowMs } = deps;
  let chain: { readonly checked: AuditChain; readonly atMs: number } | undefined;
  const audit = (principal: Principal, action: string, detail = '') =>
    journal.audit.append({ atMs: nowMs(), person: principal.person, action, result: 'done', detail });
  return {
    sessions: {
      end(principal) {
        sessions.end(principal.sessionKey);
        audit(principal, 'logout');
      },
      endAll(principal) {
        const nEnded = sessions.endAll();
        audit(principal, 'logout-all', `${nEnded} sessions`);
        return { nEnded };
      },
      createLink(principal) {
        const { token, expiresAtMs } = sessions.createLinkToken();
        audit(principal, 'create-link');
        return { url: deps.linkTo(token), expiresAtMs };
      },
      endedSignal: (principal) =>
        principal.kind === 'cli' ? new AbortController().signal : sessions.endedSignal(principal.sessionKey),
    },
    clusters: deps.connections,
    overview: () => overview(deps),
    topology: () => deps.world().topology,
    events: (from) => deps.ring.subscribe(from),
    changeSets: deps.changeSets,
    drift: deps.drift,
    explain: (question) => pairProbes.explain(question),
    probes: pairProbes,
    lastHour: (question) => lastHour(question, deps.world().topology, deps.flows),
    layouts: {
      get: ({ person }) => journal.layouts.get(person),
      save: ({ person }, positions) => journal.layouts.save(person, positions, nowMs()),
    },
    audit(page) {
      if (chain === undefined || nowMs() - chain.atMs > CHAIN_FRESH_MS) {
        chain = { checked: journal.audit.verify(), atMs: nowMs() };
      }
      return { ...journal.audit.list(page), chain: chain.checked };
    },
  };
}
