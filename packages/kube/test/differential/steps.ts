import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import { jsonPatchOperation } from './json-patches.ts';
import { KINDS, type Kind } from './kinds.ts';
import { applyQuery, createQuery, deleteOptions, listQuery, selection, writeQuery } from './queries.ts';
import { FINALIZER, metadataPart, spoiled } from './values.ts';

/** A version of an object that a request names: what it was last seen as, when it was new, one of no object. */
export type Which = 'last' | 'first' | 'other';

/** One request, said so that each server gets the same. What only a server knows (versions, uids) is said by a word. */
export type Step = { readonly kind: string; readonly name: string } & (
  | { readonly verb: 'create'; readonly body: Json; readonly query: string }
  | {
      readonly verb: 'apply';
      readonly body: Json;
      readonly version: Which | undefined;
      readonly query: string;
      readonly subresource: '' | '/status';
    }
  | {
      readonly verb: 'update';
      /** `kept` lays the body over the object as the server last showed it. */
      readonly kept: boolean;
      readonly body: Json;
      readonly version: Which | undefined;
      readonly query: string;
      readonly subresource: '' | '/status';
    }
  | {
      readonly verb: 'merge' | 'strategic' | 'json-patch';
      readonly body: Json;
      readonly version: Which | undefined;
      readonly query: string;
      readonly subresource: '' | '/status';
    }
  | {
      readonly verb: 'delete';
      readonly options: Json;
      readonly version: Which | undefined;
      readonly uid: Which | undefined;
    }
  | { readonly verb: 'get' | 'continue' }
  | { readonly verb: 'list'; readonly query: string }
  | { readonly verb: 'delete-collection'; readonly query: string; readonly options: Json }
);

/** What is sent to both servers: requests about few kinds, each of which is watched from the start. */
export interface Sequence {
  readonly watched: string;
  readonly steps: readonly Step[];
}

const which = fc.option(fc.constantFrom<Which>('last', 'last', 'first', 'other'), {
  nil: undefined,
  freq: 2,
});
const name = spoiled(fc.constantFrom('one', 'one', 'one', 'two'), fc.constantFrom('three', 'four'), 25);

/** Any request about one kind. */
function stepOf(kind: Kind): fc.Arbitrary<Step> {
  const about = { kind: fc.constant(kind.kind), name };
  const whole = fc.tuple(metadataPart, kind.whole).map(([metadata, rest]) => ({ metadata, ...rest }));
  const part = fc
    .tuple(fc.option(metadataPart, { nil: undefined }), kind.part)
    .map(([metadata, rest]) => ({ ...(metadata && { metadata }), ...rest }));
  const subresource = kind.status
    ? fc.constantFrom<'' | '/status'>('', '', '', '/status')
    : fc.constant<''>('');
  const verb = <V extends Step['verb']>(text: V) => fc.constant(text);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        verb: verb('create'),
        ...about,
        body: kind.kind === 'Service' ? whole.map(named) : whole,
        query: createQuery,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        verb: verb('update'),
        ...about,
        kept: fc.boolean(),
        body: whole,
        version: which,
        query: writeQuery,
        subresource,
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        verb: isCustom(kind)
          ? fc.constantFrom('merge' as const, 'merge' as const, 'merge' as const, 'strategic' as const)
          : fc.constantFrom('merge' as const, 'strategic' as const),
        ...about,
        body: fc.oneof({ weight: 6, arbitrary: part }, { weight: 3, arbitrary: kind.patch }),
        version: fc.option(which, { nil: undefined, freq: 3 }),
        query: writeQuery,
        subresource,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        verb: verb('json-patch'),
        ...about,
        body: fc.array(jsonPatchOperation(kind), { maxLength: 3 }),
        version: fc.constant(undefined),
        query: writeQuery,
        subresource,
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        verb: verb('apply'),
        ...about,
        body: fc.oneof(part, whole).map(kept(kind)),
        version: fc.option(which, { nil: undefined, freq: 1 }),
        query: applyQuery,
        subresource,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        verb: verb('delete'),
        ...about,
        options: deleteOptions,
        version: fc.option(which, { nil: undefined }),
        uid: fc.option(which, { nil: undefined }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ verb: verb('get'), ...about }) },
    { weight: 2, arbitrary: fc.record({ verb: verb('list'), ...about, query: listQuery }) },
    { weight: 1, arbitrary: fc.record({ verb: verb('continue'), ...about }) },
    {
      weight: 1,
      arbitrary: fc.record({
        verb: verb('delete-collection'),
        ...about,
        query: selection,
        options: deleteOptions,
      }),
    },
  );
}

/**
 * Of custom resources etcd gets the empty lists and maps of an apply's metadata, and loses them by the next write, even
 * one that changes nothing: such a write has an event and a version of its own. Nobody else's do.
 */
function kept(kind: Kind): (body: Json) => Json {
  if (!isCustom(kind)) return (body) => body;
  const isEmpty = (value: Json) => typeof value === 'object' && Object.keys(value ?? {}).length === 0;
  return ({ metadata, ...rest }) => ({
    ...rest,
    ...(metadata && {
      metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => !isEmpty(value))),
    }),
  });
}

function isCustom({ apiVersion }: Kind): boolean {
  return apiVersion.startsWith('flatland.dev/');
}

/** A Service without a name is refused with an address that it nearly had. */
function named({ metadata: { name: given, ...metadata }, ...rest }: Json): Json {
  return { metadata: { ...metadata, ...(given && { name: given }) }, ...rest };
}

/** Mostly there is something to begin with, made with the fields that managers then quarrel about. */
function beginning(kind: Kind): fc.Arbitrary<Step[]> {
  const begin = fc.constantFrom<[string, Json]>(
    ['create', {}],
    ['create', { labels: { app: 'a' } }],
    ['apply', { labels: { app: 'b' }, annotations: { note: 'a' } }],
    ['create', { labels: { app: 'a' }, finalizers: [FINALIZER] }],
  );
  const made = begin.map(([verb, metadata]): Step => {
    const about = { kind: kind.kind, name: 'one', body: { metadata, ...kind.valid } };
    return verb === 'create'
      ? { verb, ...about, query: '' }
      : { verb: 'apply', ...about, version: undefined, query: 'fieldManager=alice', subresource: '' };
  });
  return made.map((step) => [step]);
}

/** Requests about one kind, and some about another. */
export const sequences: fc.Arbitrary<Sequence> = fc
  .tuple(fc.constantFrom(...KINDS), fc.constantFrom(...KINDS), labelSelectorOfWatch())
  .chain(([first, second, watched]) =>
    fc.record({
      watched: fc.constant(watched),
      steps: fc
        .tuple(
          fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 6, arbitrary: beginning(first) }),
          fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: beginning(second) }),
          fc.array(fc.oneof(stepOf(first), stepOf(first), stepOf(first), stepOf(second)), {
            minLength: 1,
            maxLength: 14,
            size: 'max',
          }),
        )
        .map((parts) => parts.flat()),
    }),
  );

function labelSelectorOfWatch(): fc.Arbitrary<string> {
  return fc.constantFrom('', '', 'app=a', '!app', 'app in (a,b)');
}
