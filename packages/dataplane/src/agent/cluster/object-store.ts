import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ChangesOrigin } from '@flatland/kube/client/list-watch/list-watch';
import type { Change } from '@flatland/kube/client/list-watch/object-cache';
import { isOlder } from '@flatland/kube/client/list-watch/resource-version';
import { compareText } from '../compile/compare-text.ts';
import type { Finding } from '../compile/node-program.ts';
import { HOLD_MS, LostObjects } from './lost-objects.ts';
import type { SavedState } from './saved-state.ts';
import { whyUnreadable } from './why-unreadable.ts';

/** Claims that are gone are anybody's: their nodes must see that, and claim again at once what they use. */
const NEVER_HELD = new Set(['AddressBlock']);

interface Held {
  readonly untilMs: number;
  readonly objects: ReadonlyMap<string, KubernetesObject>;
}

/**
 * The agent's objects by kind: what the list-watches told, what the agent itself just wrote and has not
 * seen come back, and what is held because a whole kind vanished at once, or because nobody deleted it: an API that goes on
 * from a backup lost what was made since. An object that was
 * changed into what the agent cannot read, perhaps by a later version, stays as it was last read. What the agent itself
 * owns is not held: it writes that again.
 */
export class ObjectStore {
  readonly #watched = new Map<string, Map<string, KubernetesObject>>();
  readonly #written = new Map<string, KubernetesObject>();
  readonly #held = new Map<string, Held>();
  readonly #lost = new LostObjects();
  readonly #isOwn: (object: KubernetesObject) => boolean;
  /** Why the newest form of an object is not the one that is used, by kind and key. */
  readonly #unreadable = new Map<string, string>();
  #all: readonly KubernetesObject[] | undefined;

  constructor(isOwn: (object: KubernetesObject) => boolean = () => false) {
    this.#isOwn = isOwn;
  }

  /** Starts with what the run before saved. */
  restore({ objects, isRestored }: SavedState, nowMs: number): void {
    if (isRestored) this.#lost.wentBack(nowMs);
    const byKind = Map.groupBy(objects, (object) => object.kind);
    for (const [kind, ofKind] of byKind) this.replace(kind, ofKind, nowMs);
  }

  /** What the next run needs. */
  state(nowMs: number): SavedState {
    return { objects: this.objects(), isRestored: this.#lost.isRestored(nowMs) };
  }

  /**
   * Takes over one step of a list-watch: an event, or a list as of its version. A step that deletes all of several
   * objects is not believed at once, nor a list that lacks some.
   */
  change(
    kind: string,
    changes: readonly Change<KubernetesObject>[],
    nowMs: number,
    { listVersion, wentBack = false }: ChangesOrigin = {},
  ): void {
    if (wentBack) this.#lost.wentBack(nowMs);
    const objects = this.#ofKind(kind);
    const before = new Map(objects);
    for (const change of changes) {
      this.#forgetWritten(kind, change);
      this.#lost.delete(`${kind} ${change.key}`);
      if (change.type === 'deleted') {
        objects.delete(change.key);
        this.#unreadable.delete(`${kind} ${change.key}`);
      } else objects.set(change.key, this.#readable(change.object, before.get(change.key)));
    }
    const nDeleted = changes.filter((change) => change.type === 'deleted').length;
    if (objects.size === 0 && nDeleted > 1) this.#hold(kind, before, nowMs);
    else if (objects.size > 0) this.#held.delete(kind);
    this.#keepLost(kind, before, nowMs, listVersion);
    this.#all = undefined;
  }

  /** Takes over all objects of a kind, as after a start: a list as of its version, or what was saved. */
  replace(kind: string, objects: readonly KubernetesObject[], nowMs: number, listVersion?: string): void {
    const before = this.#ofKind(kind);
    if (objects.length === 0 && before.size > 1) this.#hold(kind, before, nowMs);
    for (const key of before.keys()) this.#unreadable.delete(`${kind} ${key}`);
    for (const object of objects) this.#lost.delete(`${kind} ${keyOf(object)}`);
    this.#watched.set(
      kind,
      new Map(objects.map((object) => [keyOf(object), this.#readable(object, before.get(keyOf(object)))])),
    );
    this.#keepLost(kind, before, nowMs, listVersion);
    this.#all = undefined;
  }

  /** Remembers what the agent wrote until its list-watch shows it, or something newer. */
  putWritten(object: KubernetesObject): void {
    const key = `${object.kind} ${keyOf(object)}`;
    const seen = this.#ofKind(object.kind).get(keyOf(object));
    if (seen !== undefined && isOlder(versionOf(object), versionOf(seen))) return;
    this.#written.set(key, object);
    this.#all = undefined;
  }

  /** Forgets an object that the agent deleted. */
  dropWritten(kind: string, name: string): void {
    this.#written.delete(`${kind} ${name}`);
    this.#all = undefined;
  }

  /** Lets go of what was held long enough. True where something was. */
  releaseHeld(nowMs: number): boolean {
    let released = false;
    for (const [kind, { untilMs }] of this.#held) if (nowMs >= untilMs) released = this.#held.delete(kind);
    released = this.#lost.release(nowMs) || released;
    if (released) this.#all = undefined;
    return released;
  }

  held(): Finding[] {
    const empty = [...this.#held.keys()].toSorted().map((kind) => ({
      reason: 'empty-list-held' as const,
      message: `the API gave an empty list of ${kind} objects; the last known ones are kept for now`,
    }));
    const unreadable = [...this.#unreadable]
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([object, why]) => ({
        reason: 'invalid-object' as const,
        message: `${object} cannot be read (${why}); its last form that could be is kept`,
      }));
    const lost = this.#lost.held().map((object) => ({
      reason: 'restored-held' as const,
      message: `the API went back to an earlier state, without ${object}; it is kept for now`,
    }));
    return [...empty, ...lost, ...unreadable];
  }

  /** Everything, sorted by kind, namespace and name. */
  objects(): readonly KubernetesObject[] {
    this.#all ??= this.#merge();
    return this.#all;
  }

  #merge(): KubernetesObject[] {
    const all = new Map(this.#lost.objects());
    for (const [kind, { objects }] of this.#held)
      for (const [key, object] of objects) all.set(`${kind} ${key}`, object);
    for (const [kind, objects] of this.#watched)
      for (const [key, object] of objects) all.set(`${kind} ${key}`, object);
    for (const [key, object] of this.#written) all.set(key, object);
    return [...all].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  #ofKind(kind: string): Map<string, KubernetesObject> {
    const known = this.#watched.get(kind);
    if (known !== undefined) return known;
    const objects = new Map<string, KubernetesObject>();
    this.#watched.set(kind, objects);
    return objects;
  }

  #hold(kind: string, objects: ReadonlyMap<string, KubernetesObject>, nowMs: number): void {
    if (NEVER_HELD.has(kind)) return;
    const others = [...objects].filter(([, object]) => !this.#isOwn(object));
    this.#held.set(kind, { untilMs: nowMs + HOLD_MS, objects: new Map(others) });
  }

  /** Keeps what is not there any more, though no watch told of its deletion; for long where the list is older than it. */
  #keepLost(
    kind: string,
    before: ReadonlyMap<string, KubernetesObject>,
    nowMs: number,
    listVersion: string | undefined,
  ): void {
    if (listVersion === undefined || NEVER_HELD.has(kind)) return;
    const now = this.#ofKind(kind);
    for (const [key, object] of before) {
      const listed = now.get(key);
      const seen = versionOf(object);
      const isFormer = listed !== undefined && isOlder(versionOf(listed), seen);
      if (isFormer || isOlder(listVersion, seen)) this.#lost.wentBack(nowMs);
      if (listed === undefined && !this.#isOwn(object)) this.#lost.add(`${kind} ${key}`, object, nowMs);
    }
  }

  /** The object, or the one before it where that can be read and this cannot. */
  #readable(object: KubernetesObject, before: KubernetesObject | undefined): KubernetesObject {
    const key = `${object.kind} ${keyOf(object)}`;
    const why = before?.metadata.uid === object.metadata.uid ? whyUnreadable(object) : undefined;
    if (before === undefined || why === undefined || whyUnreadable(before) !== undefined) {
      this.#unreadable.delete(key);
      return object;
    }
    this.#unreadable.set(key, why);
    return before;
  }

  #forgetWritten(kind: string, change: Change<KubernetesObject>): void {
    const key = `${kind} ${change.key}`;
    const written = this.#written.get(key);
    if (written === undefined) return;
    if (!isOlder(versionOf(change.object), versionOf(written))) this.#written.delete(key);
  }
}

/** `namespace/name`, or `name`. */
export function keyOf({ metadata }: KubernetesObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

function versionOf({ metadata }: KubernetesObject): string {
  return metadata.resourceVersion ?? '';
}
