import type { FieldError } from '../field-error.ts';
import type { JsonObject } from '../json.ts';
import type { StructuralSchema } from '../structural-schema.ts';
import type { PrinterColumn } from './printer-column.ts';

/** What the server knows of one built-in kind. */
export interface BuiltinKind {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** Such as `all`, which `kubectl get all` asks for. */
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  readonly schema: StructuralSchema;
  /** The first column is always the name. */
  readonly columns: readonly PrinterColumn[];
  readonly scale?: ScalePaths;
  /** Paths that writing through the status subresource leaves as they are; `spec` when it is not said. */
  readonly statusResets?: readonly (readonly string[])[];
  /** Whether `metadata.generation` counts changes of the spec. */
  readonly hasGeneration: boolean;
  /** What metadata.name must be. */
  readonly nameRule: NameRule;
  /** Maps that `check` gets empty where they were sent so; stored they are absent. */
  readonly tellsEmpty?: readonly string[];
  /** Completes an object beyond its schema's defaults. Changes the argument, which already has those. */
  readonly complete?: (object: JsonObject) => void;
  /** Checks what the schema cannot say. `old` is the stored object of an update. */
  readonly check?: (object: JsonObject, old: JsonObject | undefined) => FieldError[];
}

export type Subresource =
  | 'status'
  | 'scale'
  | 'log'
  | 'exec'
  | 'eviction'
  | 'binding'
  | 'token'
  | 'finalize'
  | 'ephemeralcontainers'
  | 'approval'
  | 'portforward'
  | 'attach';

/** Which of Kubernetes' rules a name has to follow; `path` only forbids `/` and `%`. */
export type NameRule = 'dns-subdomain' | 'dns-label' | 'dns-1035-label' | 'path' | 'ip-address' | 'crd';

/** Where the scale subresource finds its numbers, as JSON paths. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath: string;
}

/** Fills in what most kinds have in common. */
export function builtinKind(
  kind: Pick<BuiltinKind, 'group' | 'version' | 'kind' | 'plural' | 'schema' | 'columns'> &
    Partial<BuiltinKind>,
): BuiltinKind {
  return {
    singular: kind.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    subresources: [],
    hasGeneration: false,
    nameRule: 'dns-subdomain',
    ...kind,
  };
}
