import type { Conversion, Negotiated } from '../http/negotiation.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { apiVersionOf } from '../model/kube-object.ts';
import { badRequest } from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';
import { columnDefinitions, tableRow } from '../table/table.ts';

/** `metadata` of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** How one request wants its objects: as they are, as metadata alone, or as table rows. */
export interface Presenter {
  /** JSON of one object. */
  readonly object: (record: Pick<StoredRecord, 'object' | 'json'>) => string;
  /** JSON of a list. */
  readonly list: (records: readonly StoredRecord[], meta: ListMeta) => string;
  /** JSON of an object inside a watch event. Tables describe their columns in the first event only. */
  readonly event: (record: Pick<StoredRecord, 'object' | 'json'>) => string;
  /** Presenters of one key make the same event text, which watches then share; '' is not shared. */
  readonly key: string;
}

/** Makes the presenter that the Accept header and `includeObject` ask for. */
export function presenterOf(
  definition: ResourceDefinition,
  negotiated: Negotiated,
  { query, nowMs }: { query: URLSearchParams; nowMs: () => number },
): Presenter {
  const { as } = negotiated;
  if (!as) return plainPresenter(definition);
  return as.kind === 'Table' ? tablePresenter(definition, as, { query, nowMs }) : metadataPresenter(as);
}

/** Items of built-in lists, which do not say their kind. */
const untypedTexts = new WeakMap<KubeObject, string>();

function untyped(object: KubeObject): string {
  let text = untypedTexts.get(object);
  if (text === undefined) {
    const { apiVersion: _version, kind: _kind, ...rest } = object;
    untypedTexts.set(object, (text = JSON.stringify(rest)));
  }
  return text;
}

function plainPresenter({ group, version, listKind, builtin }: ResourceDefinition): Presenter {
  const item = builtin ? ({ object }: StoredRecord) => untyped(object) : ({ json }: StoredRecord) => json;
  const head = `{"kind":${JSON.stringify(listKind)},"apiVersion":${JSON.stringify(apiVersionOf(group, version))}`;
  return {
    key: 'plain',
    object: ({ json }) => json,
    list: (records, meta) =>
      `${head},"metadata":${JSON.stringify(builtin ? meta : { continue: '', ...meta })},"items":[${records.map(item).join(',')}]}`,
    event: ({ json }) => json,
  };
}

function metadataPresenter({ version }: Conversion): Presenter {
  const apiVersion = `meta.k8s.io/${version}`;
  const one = ({ object }: Pick<StoredRecord, 'object'>) =>
    JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata });
  return {
    key: `metadata/${version}`,
    object: one,
    list: (records, meta) =>
      `{"kind":"PartialObjectMetadataList","apiVersion":"${apiVersion}","metadata":${JSON.stringify(meta)},"items":[${records.map(one).join(',')}]}`,
    event: one,
  };
}

function tablePresenter(
  definition: ResourceDefinition,
  { version }: Conversion,
  { query, nowMs }: { query: URLSearchParams; nowMs: () => number },
): Presenter {
  const include = query.get('includeObject') ?? '';
  if (!['', 'None', 'Metadata', 'Object'].includes(include)) {
    throw badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
  }
  const apiVersion = `meta.k8s.io/${version}`;
  const table = (records: readonly Pick<StoredRecord, 'object' | 'json'>[], meta: object, columns: boolean) =>
    JSON.stringify({
      kind: 'Table',
      apiVersion,
      metadata: meta,
      columnDefinitions: columns ? columnDefinitions(definition) : null,
      rows: records.map(({ object }) =>
        tableRow(definition, object, { include, apiVersion, nowMs: nowMs() }),
      ),
    });
  let first = true;
  const single = (record: Pick<StoredRecord, 'object' | 'json'>, columns: boolean) =>
    table([record], { resourceVersion: record.object.metadata.resourceVersion }, columns);
  return {
    key: '',
    object: (record) => single(record, true),
    list: (records, meta) => table(records, meta, true),
    event: (record) => {
      const text = single(record, first);
      first = false;
      return text;
    },
  };
}
