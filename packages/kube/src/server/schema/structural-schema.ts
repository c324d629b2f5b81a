import type { JsonValue } from './json.ts';

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/**
 * The shape of an object, in the form that Kubernetes calls a structural schema: every field's type is
 * said once, outside of the logical junctors, so that pruning, defaulting and merging are decidable.
 * The schemas of custom resources (`compileCrdSchema`) and of built-in kinds (`builtin/`) have this one type.
 *
 * The names are OpenAPI's; the `x-kubernetes-*` extensions lose their prefix. A schema is immutable once
 * made: whatever is derived from it (validators, merge types) is cached by its identity.
 */
export interface StructuralSchema extends ValueValidation {
  /** Absent only with `intOrString` or `preserveUnknownFields`. */
  readonly type?: SchemaType;
  readonly title?: string;
  readonly description?: string;
  readonly default?: JsonValue;
  readonly nullable?: boolean;
  /** Read with `Object.hasOwn`: names are untrusted. */
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly items?: StructuralSchema;
  /** A schema for the values of a map, or `true` for values of any shape. */
  readonly additionalProperties?: StructuralSchema | true;

  /** `x-kubernetes-int-or-string` */
  readonly intOrString?: boolean;
  /** `x-kubernetes-preserve-unknown-fields` */
  readonly preserveUnknownFields?: boolean;
  /** `x-kubernetes-embedded-resource`: has apiVersion, kind and metadata of its own. */
  readonly embeddedResource?: boolean;
  /** `x-kubernetes-list-type`; absent means atomic. */
  readonly listType?: 'atomic' | 'set' | 'map';
  /** `x-kubernetes-list-map-keys` */
  readonly listMapKeys?: readonly string[];
  /** `x-kubernetes-map-type`; absent means granular. */
  readonly mapType?: 'atomic' | 'granular';
  /** `x-kubernetes-validations` */
  readonly validations?: readonly ValidationRule[];

  /** `x-kubernetes-patch-strategy` of a built-in kind's list or map. */
  readonly patchStrategy?: PatchStrategy;
  /** `x-kubernetes-patch-merge-key` of a built-in kind's list. */
  readonly patchMergeKey?: string;

  /**
   * Name of the OpenAPI component that this schema is emitted as (`io.k8s.api.core.v1.PodSpec`); others refer to it.
   * Schemas that refer to themselves must have one.
   */
  readonly component?: string;
}

export type PatchStrategy = 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys';

/** Restrictions of a value which say nothing about its shape; they may stand under allOf, anyOf, oneOf, not. */
export interface ValueValidation {
  readonly format?: string;
  readonly enum?: readonly JsonValue[];
  /** RE2 syntax, unanchored. */
  readonly pattern?: string;
  /** In Unicode code points. */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly allOf?: readonly NestedValidation[];
  readonly anyOf?: readonly NestedValidation[];
  readonly oneOf?: readonly NestedValidation[];
  readonly not?: NestedValidation;
}

/** What may stand under a logical junctor: restrictions of the value and of its fields. */
export interface NestedValidation extends ValueValidation {
  /** Only for the two patterns of int-or-string. */
  readonly type?: SchemaType;
  readonly properties?: Readonly<Record<string, NestedValidation>>;
  readonly items?: NestedValidation;
  readonly additionalProperties?: NestedValidation;
}

/** One rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  /** CEL; `self` is the value at the rule's place, `oldSelf` makes it a transition rule. */
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?:
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueRequired'
    | 'FieldValueDuplicate';
  /** A path below the rule's place, such as `.spec.port` or `['a.b']`. */
  readonly fieldPath?: string;
  /** Evaluates a transition rule also where there is no old value; `oldSelf` is then optional. */
  readonly optionalOldSelf?: boolean;
}
