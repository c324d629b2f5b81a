import type { Result } from '@flatland/shared/result';
import { orThrow, type KubeError } from '../../src/client/error.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { createObject, deleteObject, mergePatchObject } from '../../src/client/objects.ts';
import { Pod } from '../../src/client/resources.ts';

export const NAMESPACE = 'default';
const SENT_AT = 'bench/sent-at';
/** Of so many changes one is a pod that makes room for a new one. */
const REPLACED_EVERY = 10;

/** Pods without nodes. Each says when the change that made it so was sent, in milliseconds of this process. */
export class HerdOfPods {
  readonly #client: KubeClient;
  readonly #names: string[] = [];
  #nMade = 0;
  #nChanges = 0;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Adds a pod. Throws where the server refuses it. */
  async add(): Promise<void> {
    const name = this.#nextName();
    orThrow(await this.#create(name, ''));
    this.#names.push(name);
  }

  /**
   * Changes the pod whose turn it is, or replaces it. Says whether the server did all of it; not so, where changes of
   * all pods are under way already.
   */
  async change(): Promise<boolean> {
    const name = this.#names.shift();
    if (name === undefined) return false;
    if (++this.#nChanges % REPLACED_EVERY !== 0) {
      const patch = { metadata: { annotations: { [SENT_AT]: String(performance.now()) } } };
      const { ok } = await mergePatchObject(this.#client, Pod, { name, namespace: NAMESPACE, patch });
      this.#names.push(name);
      return ok;
    }
    const next = this.#nextName();
    const deleted = await deleteObject(this.#client, Pod, { name, namespace: NAMESPACE });
    const created = await this.#create(next, String(performance.now()));
    if (created.ok) this.#names.push(next);
    return deleted.ok && created.ok;
  }

  #nextName(): string {
    return `pod-${String(this.#nMade++).padStart(6, '0')}`;
  }

  #create(name: string, sentAt: string): Promise<Result<unknown, KubeError>> {
    const annotations = sentAt === '' ? {} : { [SENT_AT]: sentAt };
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE, labels: { app: name }, annotations },
      spec: { containers: [{ name: 'none', image: 'none' }] },
    };
    return createObject(this.#client, Pod, { object });
  }
}

/** When the last change of a pod was sent; '' of one that has not changed yet, or is going: of that its deletion tells. */
export function sentAtOf(raw: unknown): string {
  const { metadata } = raw as {
    metadata?: { annotations?: Record<string, string>; deletionTimestamp?: string };
  };
  return metadata?.deletionTimestamp === undefined ? (metadata?.annotations?.[SENT_AT] ?? '') : '';
}
