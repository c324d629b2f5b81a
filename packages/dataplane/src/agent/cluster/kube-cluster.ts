import { zKubernetesObject, type KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { err, ok, type Result } from '@flatland/shared/result';
import { field } from '@flatland/shared/topology/facts/json';
import { describeError, type KubeError } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { startListWatch, type ListWatch } from '@flatland/kube/client/list-watch/list-watch';
import { applyObject, createObject, deleteObject, getObject } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import * as resources from '@flatland/kube/client/resources';
import type { LogPort } from '../../ports/log.ts';
import { AGENT_FIELD_MANAGER, type ClusterApi, type OwnKind, type WriteOutcome } from './cluster-api.ts';
import { ObjectStore } from './object-store.ts';
import type { SavedState } from './saved-state.ts';

export interface KubeClusterDeps {
  readonly client: KubeClient;
  readonly node: string;
  readonly log: LogPort;
  readonly nowMs: () => number;
  /** Where the state of the last run is kept. */
  readonly saved: {
    load(): Promise<SavedState>;
    save(state: SavedState): void;
  };
}

interface Watched {
  readonly type: Resource;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  /** The agent works without it. */
  readonly isOptional?: boolean;
}

const OWN: Readonly<Record<OwnKind, Resource>> = {
  AddressBlock: resources.AddressBlock,
  MemberSlice: resources.MemberSlice,
  NodePeer: resources.NodePeer,
};
const HOLD_CHECK_MS = 2000;

/** The cluster's API over the Kubernetes client: one list-watch a kind. */
export class KubeCluster implements ClusterApi {
  readonly whenReady: Promise<void>;
  readonly #deps: KubeClusterDeps;
  readonly #store: ObjectStore;
  readonly #watches: ListWatch<KubernetesObject>[] = [];
  #ready: () => void = () => {};
  #onChange: () => void = () => {};
  #holdTimer: NodeJS.Timeout | undefined;

  constructor(deps: KubeClusterDeps) {
    this.#deps = deps;
    this.#store = new ObjectStore((object) => field(object, 'spec', 'node') === deps.node);
    this.whenReady = new Promise((resolve) => (this.#ready = resolve));
  }

  async start(onChange: () => void): Promise<void> {
    this.#onChange = onChange;
    const saved = await this.#deps.saved.load();
    this.#store.restore(saved, this.#deps.nowMs());
    if (saved.objects.length > 0) this.#ready();
    const savedKinds = new Set(saved.objects.map(({ kind }) => kind));
    const synced = watchedKinds(this.#deps.node).map((watched) => this.#watch(watched, savedKinds));
    void Promise.all(synced).then(() => {
      this.#ready();
      this.#onChange();
    });
    this.#holdTimer = setInterval(() => {
      if (this.#store.releaseHeld(this.#deps.nowMs())) this.#changed();
    }, HOLD_CHECK_MS);
    this.#holdTimer.unref();
  }

  objects(): readonly KubernetesObject[] {
    return this.#store.objects();
  }

  held() {
    return this.#store.held();
  }

  async create(object: KubernetesObject): Promise<WriteOutcome> {
    const type = OWN[object.kind as OwnKind];
    const created = await createObject<KubernetesObject>(this.#deps.client, type, {
      object,
      fieldManager: AGENT_FIELD_MANAGER,
    });
    return !created.ok && created.error.kind === 'alreadyExists'
      ? this.#takeExisting(type, object)
      : this.#take(created);
  }

  async apply(object: KubernetesObject): Promise<WriteOutcome> {
    const type = OWN[object.kind as OwnKind];
    const applied = await applyObject<KubernetesObject>(this.#deps.client, type, {
      object,
      fieldManager: AGENT_FIELD_MANAGER,
      force: true,
    });
    return this.#take(applied);
  }

  async remove(kind: OwnKind, name: string): Promise<WriteOutcome> {
    const removed = await deleteObject(this.#deps.client, OWN[kind], { name });
    if (!removed.ok && removed.error.kind !== 'notFound') return failure(removed.error);
    this.#store.dropWritten(kind, name);
    return { kind: 'done' };
  }

  async stop(): Promise<void> {
    clearInterval(this.#holdTimer);
    for (const watch of this.#watches) watch.stop();
  }

  /** Resolves once the kind was listed; at once where the agent works without it. */
  async #watch(watched: Watched, savedKinds: ReadonlySet<string>): Promise<void> {
    const { type, isOptional, ...selection } = watched;
    const { log, nowMs } = this.#deps;
    const started = startListWatch<KubernetesObject>(this.#deps.client, type, {
      ...selection,
      parse: (raw) => parseObject(raw, type),
      onChanges: (changes, origin) => {
        this.#store.change(type.kind, changes, nowMs(), origin);
        this.#changed();
      },
      onReport: (report) => log.debug({ kind: type.kind, report: report.kind }, report.message),
    });
    this.#watches.push(started);
    if (isOptional === true) return;
    await started.whenSynced;
    // What is gone since the last run is no change that the watch would tell.
    const { resourceVersion } = started.status();
    if (savedKinds.has(type.kind))
      this.#store.replace(type.kind, started.cache.list(), nowMs(), resourceVersion);
  }

  #changed(): void {
    this.#deps.saved.save(this.#store.state(this.#deps.nowMs()));
    this.#onChange();
  }

  /** What is there may be what was to be created: by a try whose answer was lost, or by the run before. */
  async #takeExisting(type: Resource, wanted: KubernetesObject): Promise<WriteOutcome> {
    const { name } = wanted.metadata;
    const found = await getObject<KubernetesObject>(this.#deps.client, type, { name });
    if (!found.ok) return failure(found.error);
    this.#store.putWritten(found.value);
    const isOurs = field(found.value, 'spec', 'node') === field(wanted, 'spec', 'node');
    return { kind: isOurs ? 'done' : 'exists' };
  }

  #take(result: Result<KubernetesObject, KubeError>): WriteOutcome {
    if (!result.ok) return failure(result.error);
    this.#store.putWritten(result.value);
    return { kind: 'done' };
  }
}

/** Everything that an agent looks at, in its own cluster only. */
function watchedKinds(node: string): Watched[] {
  return [
    { type: resources.Domain },
    { type: resources.Membership },
    { type: resources.AddressBlock },
    { type: resources.NodePeer },
    { type: resources.MemberSlice },
    { type: resources.RemoteSlice },
    { type: resources.Pod, fieldSelector: `spec.nodeName=${node}` },
    { type: resources.ReplicaSet },
    { type: resources.Node },
    {
      type: resources.ConfigMap,
      namespace: 'kube-system',
      fieldSelector: 'metadata.name=kubeadm-config',
      isOptional: true,
    },
  ];
}

/** List items carry no type of their own. */
function parseObject(raw: unknown, type: Resource): Result<KubernetesObject, string> {
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  const typed = typeof raw === 'object' && raw !== null ? { ...raw, apiVersion, kind: type.kind } : raw;
  const parsed = zKubernetesObject.safeParse(typed);
  return parsed.success ? ok(parsed.data) : err(parsed.error.issues[0]?.message ?? 'unreadable');
}

function failure(error: KubeError): WriteOutcome {
  const message = describeError(error);
  switch (error.kind) {
    case 'alreadyExists':
      return { kind: 'exists' };
    case 'invalid':
    case 'badRequest':
    case 'forbidden':
    case 'methodNotAllowed':
    case 'unsupported':
    case 'tooLarge':
      return { kind: 'refused', message };
    case 'notFound':
    case 'conflict':
    case 'unauthorized':
    case 'gone':
    case 'tooManyRequests':
    case 'timeout':
    case 'unavailable':
    case 'serverError':
    case 'untrusted':
    case 'addressRefused':
    case 'protocol':
    case 'aborted':
      return { kind: 'unavailable', message };
  }
}
