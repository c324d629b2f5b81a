import type { GrantRequest } from '../auth/escalation.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { NameRule } from '../schema/builtin/builtin-kind.ts';
import type { FieldError } from '../schema/field-error.ts';
import type { StructuralSchema } from '../schema/structural-schema.ts';
import type { Qualified } from '../status/status.ts';
import type { Column } from '../table/column.ts';

/** All that the generic REST code needs to know of one served resource. */
export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  /** As in the path: `deployments`. */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  readonly schema: StructuralSchema;
  /** Built into Kubernetes, not made by a CustomResourceDefinition. */
  readonly builtin: boolean;
  /** Name of the OpenAPI component. */
  readonly component: string;
  /** How names are checked. */
  readonly nameRule: NameRule;
  /** Counts changes of the spec in `metadata.generation`. */
  readonly hasGeneration: boolean;
  readonly scale?: ScalePaths;
  /** Paths that the status subresource leaves as they are. @default [['spec']] */
  readonly statusResets?: readonly (readonly string[])[];
  readonly columns: readonly Column[];
  /** Fields that field selectors may name, beside metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>;
  readonly strategy: Strategy;
}

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** A path below an object, such as `status`. */
export interface Subresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** Where a scalable kind keeps its numbers; paths of field names. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** A string in the status for custom resources, a label selector in the spec for built-in kinds. */
  readonly labelSelector?: readonly string[];
}

/** What one kind does beyond its schema. Drafts may be changed in place; old objects may not. */
export interface Strategy {
  /** A PUT of a name that is not there creates it. */
  readonly createOnUpdate?: boolean;
  /** An update must say which version it replaces. */
  readonly requiresVersion?: boolean;
  /** A delete answers with the object instead of a Status. */
  readonly returnsDeleted?: boolean;
  /** Maps whose being empty an update's checks tell from their being absent, though the store does not. */
  readonly tellsEmpty?: readonly string[];
  /** Fills in what Kubernetes' Go code defaults, beyond the schema's defaults. */
  readonly applyDefaults?: (draft: KubeObject) => void;
  /** Sets what only the server may set when an object is created. */
  readonly prepareForCreate?: (draft: KubeObject, context: StrategyContext) => void;
  /** Keeps what an update of the main resource may not change. */
  readonly prepareForUpdate?: (draft: KubeObject, old: KubeObject, context: StrategyContext) => void;
  /** Keeps what an update of the status may not change. */
  readonly prepareForStatusUpdate?: (draft: KubeObject, old: KubeObject) => void;
  /** Whether a change outside of the spec makes a new generation too. */
  readonly countsChange?: (next: KubeObject, old: KubeObject) => boolean;
  readonly validate?: (object: KubeObject, context: StrategyContext) => readonly FieldError[];
  readonly validateUpdate?: (
    object: KubeObject,
    old: KubeObject,
    context: StrategyContext,
  ) => readonly FieldError[];
  /** Refuses a write that the user may not make for what it holds, by throwing a 403 Status. */
  readonly authorizeWrite?: (object: KubeObject, old: KubeObject | undefined, grant: GrantRequest) => void;
  /** Changes an object whose deletion begins. */
  readonly prepareForDelete?: (draft: KubeObject, nowMs: number) => void;
  /** Why an object may not be deleted. */
  readonly refuseDelete?: (object: KubeObject) => string | undefined;
  /** What is allowed and yet no good; `old` is the stored object of an update. */
  readonly warnings?: (object: KubeObject, old: KubeObject | undefined) => readonly string[];
}

/** What a strategy may ask of its surroundings; it sees the state inside the running transaction. */
export interface StrategyContext {
  /** Nothing of the write is kept. */
  readonly dryRun: boolean;
  readonly nowMs: number;
  readonly get: (resource: Qualified, namespace: string, name: string) => KubeObject | undefined;
  readonly list: (resource: Qualified, namespace?: string) => KubeObject[];
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly definitions: () => readonly ResourceDefinition[];
}

/** The resource with its group, as messages and storage name it. */
export function resourceOf(definition: ResourceDefinition): Qualified {
  return { group: definition.group, name: definition.plural };
}

/** The kind with its group, as validation messages name it. */
export function kindOf(definition: ResourceDefinition): Qualified {
  return { group: definition.group, name: definition.kind };
}
