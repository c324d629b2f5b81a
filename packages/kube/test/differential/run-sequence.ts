import type { Answer, Api, Json, OpenWatch, WatchEvent } from '../conformance/api.ts';
import { findKind, pathOf, type Kind } from './kinds.ts';
import type { Sequence, Step, Which } from './steps.ts';

/** What one server answered to one step. */
export interface Outcome {
  readonly code: number;
  readonly body: Json;
  readonly warnings: readonly string[];
}

/** What one server did with a sequence. */
export interface Transcript {
  readonly outcomes: readonly Outcome[];
  /** By kind: what its watch told, in order. */
  readonly events: Readonly<Record<string, readonly WatchEvent[]>>;
}

/** The object whose event ends a watch: made last, seen by every watch of its kind. */
const LAST = 'zz-last';
const OTHER_UID = '00000000-0000-4000-8000-000000000001';

/** Sends a sequence to one server, in a namespace of that name which it makes. Cleans up what is outside of it. */
export async function runSequence(
  api: Api,
  { watched, steps }: Sequence,
  namespace: string,
): Promise<Transcript> {
  const made = await api.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  if (made.code !== 201) throw new Error(`no namespace: ${made.text}`);
  const kinds = [...new Set(steps.map(({ kind }) => kind))].map(findKind);
  if (kinds.some(({ kind }) => kind === 'Pod')) await makeAccount(api, namespace);
  const watches = new Map<Kind, OpenWatch>();
  try {
    for (const kind of kinds) watches.set(kind, await openWatch(api, kind, namespace, watched));
    const memory = new Memory();
    const outcomes: Outcome[] = [];
    for (const step of steps) outcomes.push(await take(api, step, namespace, memory));
    const events: Record<string, WatchEvent[]> = {};
    for (const [kind, watch] of watches) {
      const path = pathOf(kind, namespace);
      const last = await api.create(path, {
        ...headOf(kind),
        metadata: { name: LAST, labels: watched === '!app' ? {} : { app: 'a' } },
        ...kind.valid,
      });
      if (last.code !== 201) throw new Error(`no last ${kind.kind}: ${last.text}`);
      const seen = await watch.until(({ object }) => object.metadata?.name === LAST);
      events[kind.kind] = seen.slice(0, -1);
    }
    return { outcomes, events };
  } finally {
    for (const watch of watches.values()) watch.close();
    for (const kind of kinds) await cleanUp(api, kind, namespace);
  }
}

/** Every pod has a service account, which controllers make. This one gives pods no token, in a volume with a random name. */
async function makeAccount(api: Api, namespace: string): Promise<void> {
  const { code, text } = await api.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
    automountServiceAccountToken: false,
  });
  if (code !== 201) throw new Error(`no service account: ${text}`);
}

async function openWatch(api: Api, kind: Kind, namespace: string, watched: string): Promise<OpenWatch> {
  const path = pathOf(kind, namespace);
  const { body } = await api.get(path);
  const selector = encodeURIComponent(watched);
  return api.watch(
    `${path}?watch=true&resourceVersion=${body.metadata.resourceVersion}&labelSelector=${selector}`,
  );
}

/** Objects outside of the namespace, and addresses and ports of Services, would be there for the next sequence. */
async function cleanUp(api: Api, kind: Kind, namespace: string): Promise<void> {
  if (kind.namespaced && kind.kind !== 'Service') return;
  const path = pathOf(kind, namespace);
  const { body } = await api.get(path);
  for (const { metadata } of body.items as Json[]) {
    if (metadata.finalizers !== undefined)
      await api.merge(`${path}/${metadata.name}`, { metadata: { finalizers: null } });
    await api.delete(`${path}/${metadata.name}`);
  }
}

/** What a server has shown of each object, oldest first. */
class Memory {
  readonly #shown = new Map<string, Json[]>();
  continueToken: string | undefined;

  note(step: Step, { code, body }: Answer): void {
    if (code >= 300 || body?.metadata?.uid === undefined) return;
    const key = `${step.kind}/${step.name}`;
    this.#shown.set(key, [...(this.#shown.get(key) ?? []), body]);
  }

  last({ kind, name }: Step): Json {
    return this.#shown.get(`${kind}/${name}`)?.at(-1);
  }

  version(step: Step, which: Which | undefined): string | undefined {
    if (which === 'other') return '1';
    return this.#find(step, which)?.metadata.resourceVersion;
  }

  uid(step: Step, which: Which | undefined): string | undefined {
    return which === 'other' ? OTHER_UID : this.#find(step, which)?.metadata.uid;
  }

  #find({ kind, name }: Step, which: Which | undefined): Json {
    if (which === undefined) return undefined;
    return this.#shown.get(`${kind}/${name}`)?.at(which === 'first' ? 0 : -1);
  }
}

async function take(api: Api, step: Step, namespace: string, memory: Memory): Promise<Outcome> {
  const answer = await send(api, step, namespace, memory);
  const isDry = 'query' in step && step.query.includes('dryRun');
  if (!isDry) memory.note(step, answer);
  if (step.verb === 'list' || step.verb === 'continue')
    memory.continueToken = answer.body?.metadata?.continue;
  const warning = answer.headers['warning'] ?? '';
  return { code: answer.code, body: answer.body ?? answer.text, warnings: [warning].flat() };
}

function send(api: Api, step: Step, namespace: string, memory: Memory): Promise<Answer> {
  const kind = findKind(step.kind);
  const path = pathOf(kind, namespace);
  const one = `${path}/${encodeURIComponent(step.name)}`;
  const head = headOf(kind);
  const query = 'query' in step && step.query !== '' ? `?${step.query}` : '';
  switch (step.verb) {
    case 'create': {
      const { metadata, ...rest } = step.body;
      return api.create(`${path}${query}`, { ...head, metadata: { name: step.name, ...metadata }, ...rest });
    }
    case 'update': {
      const body = updateBody(step, { ...head, ...step.body }, memory);
      return api.put(`${one}${step.subresource}${query}`, body);
    }
    case 'apply':
      return api.send('PATCH', `${one}${step.subresource}${query}`, {
        body: withVersion(
          { ...head, ...step.body, metadata: { name: step.name, ...step.body.metadata } },
          memory.version(step, step.version),
        ),
        contentType: 'application/apply-patch+yaml',
      });
    case 'merge':
    case 'strategic':
    case 'json-patch': {
      const body = withVersion(step.body, memory.version(step, step.version));
      return api.send('PATCH', `${one}${step.subresource}${query}`, {
        body,
        contentType: CONTENT_TYPES[step.verb],
      });
    }
    case 'delete': {
      const uid = memory.uid(step, step.uid);
      const resourceVersion = memory.version(step, step.version);
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
      return api.delete(one, {
        ...DELETE_OPTIONS,
        ...step.options,
        ...(Object.keys(preconditions).length > 0 && { preconditions }),
      });
    }
    case 'get':
      return api.get(one);
    case 'list':
      return api.get(`${path}${query}`);
    case 'continue':
      return api.get(`${path}?limit=1&continue=${encodeURIComponent(memory.continueToken ?? 'none')}`);
    case 'delete-collection':
      return api.delete(`${path}${query}`, { ...DELETE_OPTIONS, ...step.options });
  }
}

const DELETE_OPTIONS = { apiVersion: 'v1', kind: 'DeleteOptions' };

const CONTENT_TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  'json-patch': 'application/json-patch+json',
};

function headOf({ apiVersion, kind }: Kind): Json {
  return { apiVersion, kind };
}

function updateBody(step: Step & { verb: 'update' }, body: Json, memory: Memory): Json {
  const last = step.kept ? memory.last(step) : undefined;
  const { resourceVersion: _shown, ...shown } = last?.metadata ?? {};
  const version = memory.version(step, step.version);
  return {
    ...last,
    ...body,
    metadata: {
      name: step.name,
      ...shown,
      ...body.metadata,
      ...(version !== undefined && { resourceVersion: version }),
    },
  };
}

function withVersion(body: Json, resourceVersion: string | undefined): Json {
  if (resourceVersion === undefined || typeof body !== 'object' || Array.isArray(body)) return body;
  return { ...body, metadata: { ...body.metadata, resourceVersion } };
}
