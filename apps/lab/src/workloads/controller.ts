import { KubeRequestError } from '@flatland/kube/client/error';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import type { Logger } from 'pino';
import type { ClusterState, CollectionName } from './cluster-state.ts';
import type { KubeObject } from './kinds/meta.ts';
import { WorkQueue } from './work-queue.ts';
import type { Again } from './work-queue.ts';

export type ControllerDeps = {
  readonly state: ClusterState;
  readonly nowMs: () => number;
  readonly log: Logger;
};

/** A level-based reconciler: it reads all that concerns a key and makes it so. Events only name keys. */
export type Controller = {
  readonly name: string;
  /** For each kind that matters: the keys that a changed object concerns. */
  readonly sources: Partial<Record<CollectionName, (object: KubeObject) => readonly string[]>>;
  /** Throws where it must be tried again. */
  readonly reconcile: (key: string) => Promise<Again>;
};

/** The key of the object itself. */
export function ownKey(object: KubeObject): string[] {
  return [keyOf(object.metadata)];
}

/** The key of the object's controller, where it is of the kind. */
export function keyOfController(kind: string): (object: KubeObject) => string[] {
  return ({ metadata }) => {
    const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
    return owner?.kind === kind ? [keyOf({ name: owner.name, namespace: metadata.namespace })] : [];
  };
}

/** Runs a controller until `stop`. */
export function runController(controller: Controller, deps: ControllerDeps): { stop(): Promise<void> } {
  const queue = new WorkQueue({
    work: controller.reconcile,
    onError: (key, error) => {
      if (isRace(error)) return;
      deps.log.warn({ controller: controller.name, key, err: error }, 'reconcile failed');
    },
  });
  const stops = Object.entries(controller.sources).map(([name, keysOf]) =>
    deps.state.onChange(name as CollectionName, (object) => {
      for (const key of keysOf(object)) queue.add(key);
    }),
  );
  return {
    async stop() {
      for (const stop of stops) stop();
      await queue.stop();
    },
  };
}

/** Somebody else was faster: the next try reads the new state. */
function isRace(error: unknown): boolean {
  return (
    error instanceof KubeRequestError &&
    ['aborted', 'alreadyExists', 'conflict', 'notFound'].includes(error.error.kind)
  );
}
