import type { IpAddress } from '@flatland/shared/address/ip';
import type { Intent } from '@flatland/shared/intent/intent';
import type { EndRef, Pair, Traffic, Verdict } from '@flatland/shared/reachability/verdict';
import type { ChangeSetSummary, ConsoleEvent, PairProbe } from '@flatland/shared/report/console-event';
import type { Datapath } from '@flatland/shared/report/report';
import type { ObjectRef, Topology, WorkloadId } from '@flatland/shared/topology/topology';
import type {
  ClusterOrigin,
  ConnectedReport,
  ConnectRequest,
  ContextChoice,
  DisconnectReport,
  KubeconfigReading,
  PreflightReport,
} from './cluster.ts';
import type { DriftedObject } from '@flatland/shared/plan/drift';
import type { DriftDetail } from './drift.ts';
import type { ChangeSet, ExportedFile, FieldChoice, ObjectConflict, PlannedChange } from './change-set.ts';

/** Who calls. `cli` has proved that it reads the data directory; `session` came by a one-time link. */
export interface Principal {
  readonly person: string;
  readonly kind: 'cli' | 'session';
  /** Identifies the session without being its secret. */
  readonly sessionKey: string;
  readonly expiresAtMs?: number;
  readonly idleExpiresAtMs?: number;
}

/** One connected cluster at a glance. */
export interface ClusterOverview {
  readonly name: string;
  readonly reachable: boolean;
  readonly readOnly: boolean;
  readonly origin: ClusterOrigin;
  readonly version: string;
  readonly lastSeenMs: number;
  readonly nNodes: number;
  readonly nAgents: number;
  /** Why it is not reachable, or what of it cannot be read. */
  readonly message?: string;
}

/** What the first screen says of the whole. */
export interface Overview {
  readonly version: string;
  readonly startedAtMs: number;
  readonly ready: boolean;
  readonly clusters: readonly ClusterOverview[];
  readonly datapath: Datapath | 'mixed' | 'none';
  /** Present where the clusters are the sample lab. */
  readonly lab?: { readonly clusters: readonly string[] };
}

/** Verdict and packet side by side. */
export interface Explanation {
  readonly verdict: Verdict;
  readonly probe?: PairProbe;
  /** `stale`: the verdict changed after the probe. */
  readonly agreement: 'agrees' | 'disagrees' | 'not-probed' | 'stale';
}

/** Every ordered pair of some workloads. */
export interface Matrix {
  readonly workloads: readonly WorkloadId[];
  readonly cells: readonly MatrixCell[];
  /** Workloads left out because there are too many for one matrix. */
  readonly nOmitted: number;
}

export interface MatrixCell extends Pair {
  readonly verdict: Pick<Verdict, 'answer' | 'reason'>;
  readonly probe?: PairProbe;
}

/** Packets seen between a member and another, and when last. */
export interface Conversation {
  readonly from: WorkloadId;
  readonly to: WorkloadId;
  readonly fromAddress: IpAddress;
  readonly toAddress: IpAddress;
  readonly packets: number;
  readonly bytes: number;
  readonly lastSeenMs: number;
}

/** What a leave would cut. `observedSinceMs` says from when on conversations were seen. */
export interface LastHour {
  readonly conversations: readonly Conversation[];
  readonly observedSinceMs: number;
}

export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Where a person put the elements of the map. */
export interface Layout {
  readonly positions: Readonly<Record<string, Position>>;
  readonly savedAtMs?: number;
}

/** One row of the audit; `hash` covers the row and the hash before it. */
export interface AuditEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly person: string;
  readonly action: string;
  readonly changeSet?: string;
  readonly object?: ObjectRef;
  readonly result: 'done' | 'refused' | 'failed';
  readonly detail: string;
  readonly hash: string;
}

/** One page of a list; `nextCursor` is absent on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

export interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** An event and the id by which a client resumes after it. */
export interface IdentifiedEvent {
  readonly id: string;
  readonly event: ConsoleEvent;
}

export interface ApplyRequest {
  readonly id: string;
  /** `planHash` of what the person reviewed: nothing else is applied. */
  readonly expectedPlanHash: string;
  /** Codes of the plan's warnings that the person acknowledged. */
  readonly acknowledged: readonly string[];
  /** What the person decided of fields that others own. */
  readonly choices: readonly FieldChoice[];
}

/** What the procedures delegate to. Methods throw `ConsoleFailure` for what the person is to be told. */
export interface Console {
  readonly sessions: {
    end(principal: Principal): void;
    endAll(principal: Principal): { readonly nEnded: number };
    /** A new one-time link, for `flatland open`. */
    createLink(principal: Principal): { readonly url: string; readonly expiresAtMs: number };
    /** Aborted when the session ends, by whatever cause. */
    endedSignal(principal: Principal): AbortSignal;
  };
  /** Clusters that a person adds while the console runs. */
  readonly clusters: {
    /** Says what a kubeconfig holds, and keeps nothing of it. */
    readKubeconfig(principal: Principal, kubeconfig: string): KubeconfigReading;
    /** Looks at a cluster, and keeps nothing. */
    preflight(principal: Principal, request: ConnectRequest): Promise<PreflightReport>;
    connect(principal: Principal, request: ConnectRequest): Promise<ConnectedReport>;
    /** Takes other credentials for a cluster that a person connected; they must be of the same cluster. */
    replaceCredentials(
      principal: Principal,
      request: ContextChoice & { readonly cluster: string },
    ): Promise<PreflightReport>;
    /** Forgets the credentials and follows the cluster no more; deletes nothing in it. */
    disconnect(principal: Principal, cluster: string): Promise<DisconnectReport>;
  };
  overview(): Overview;
  topology(): Topology;
  events(from: { lastEventId: string | undefined; signal: AbortSignal }): AsyncIterable<IdentifiedEvent>;
  readonly changeSets: {
    plan(intents: readonly Intent[]): Promise<PlannedChange>;
    create(
      principal: Principal,
      draft: { title: string; intents: readonly Intent[]; idempotencyKey: string },
    ): Promise<ChangeSet>;
    get(id: string): ChangeSet;
    list(page: PageRequest): Page<ChangeSetSummary>;
    update(
      principal: Principal,
      draft: { id: string; title?: string | undefined; intents: readonly Intent[] },
    ): Promise<ChangeSet>;
    apply(principal: Principal, request: ApplyRequest): Promise<ChangeSet>;
    /** Objects that others changed or own fields of, as they are now. Writes nothing. */
    conflicts(id: string): Promise<readonly ObjectConflict[]>;
    /** Takes up failed steps again with what the person decided of each contested field. */
    resolve(
      principal: Principal,
      request: { readonly id: string; readonly choices: readonly FieldChoice[] },
    ): Promise<ChangeSet>;
    retry(principal: Principal, id: string): Promise<ChangeSet>;
    /** A new draft with the same intents, planned against what is live. */
    replan(principal: Principal, id: string): Promise<ChangeSet>;
    /** A new draft that undoes what was applied, planned against what is live. */
    revert(principal: Principal, id: string): Promise<ChangeSet>;
    discard(principal: Principal, id: string): void;
    /** Files of all its objects, or of those that Argo CD or Flux keeps. */
    exportFiles(id: string, only?: 'git'): readonly ExportedFile[];
  };
  /** Objects that are not what was applied. */
  readonly drift: {
    list(): readonly DriftedObject[];
    /** Asks the object's cluster. Writes nothing. */
    get(id: string): Promise<DriftDetail>;
    /**
     * What is there becomes what is wanted: one change set that was applied by somebody else. Nothing is written, and
     * nothing is adopted where one of the objects is not as it was seen.
     */
    adopt(
      principal: Principal,
      objects: readonly { readonly id: string; readonly seen: string }[],
    ): Promise<ChangeSet>;
    /** A new draft that puts back what was applied to objects, planned against what is live. */
    restore(principal: Principal, ids: readonly string[]): Promise<ChangeSet>;
  };
  explain(question: { from: EndRef; to: EndRef; traffic?: Traffic | undefined }): Explanation;
  readonly probes: {
    run(pair: { from: EndRef; to: EndRef }): Promise<PairProbe>;
    /** Probes every ordered pair of members (of the domain, or of all). */
    runAll(domain: string | undefined): Promise<readonly PairProbe[]>;
    matrix(domain: string | undefined): Matrix;
  };
  lastHour(question: { workload: WorkloadId; domain: string }): LastHour;
  readonly layouts: {
    get(principal: Principal): Layout;
    save(principal: Principal, positions: Readonly<Record<string, Position>>): Layout;
  };
  audit(page: PageRequest): Page<AuditEntry> & { readonly chain: AuditChain };
}

/** Whether the audit's hash chain holds, and where it first breaks. */
export type AuditChain = { readonly intact: true } | { readonly intact: false; readonly brokenAtSeq: number };
