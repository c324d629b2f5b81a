import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject, ObjectMeta } from '../model/kube-object.ts';
import type { FieldError } from '../schema/field-error.ts';
import { invalidValue, labelErrors, nameProblems, qualifiedNameProblems } from './name-rules.ts';

const MAX_ANNOTATION_BYTES = 256 * 1024;

/** Checks the metadata of an object that is to be stored (apimachinery `ValidateObjectMeta`). */
export function objectMetaErrors(object: KubeObject, definition: ResourceDefinition): FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  const rule = definition.strategy.nameRule ?? 'subdomain';
  if (metadata.generateName) {
    const stem = metadata.generateName.replace(/-$/, '') || 'a';
    for (const problem of nameProblems(stem, rule)) {
      errors.push(invalidValue('metadata.generateName', metadata.generateName, problem));
    }
  }
  for (const problem of nameProblems(metadata.name, rule)) {
    errors.push(invalidValue('metadata.name', metadata.name, problem));
  }
  errors.push(...labelErrors(metadata.labels ?? {}, 'metadata.labels'));
  errors.push(...annotationErrors(metadata.annotations ?? {}));
  errors.push(...ownerErrors(metadata));
  errors.push(...finalizerErrors(metadata.finalizers ?? []));
  return errors;
}

/** Checks what an update may not change in metadata (`ValidateObjectMetaUpdate`). */
export function objectMetaUpdateErrors({ metadata }: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const immutable = (field: keyof ObjectMeta) => {
    if (metadata[field] !== old.metadata[field]) {
      errors.push(invalidValue(`metadata.${field}`, metadata[field] ?? '', 'field is immutable'));
    }
  };
  immutable('name');
  immutable('namespace');
  immutable('uid');
  immutable('creationTimestamp');
  if (old.metadata.deletionTimestamp !== undefined) {
    const before = new Set(old.metadata.finalizers);
    const added = (metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
    if (added.length > 0) {
      const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
      errors.push({ reason: 'FieldValueForbidden', field: 'metadata.finalizers', message });
    }
  }
  return errors;
}

function annotationErrors(annotations: Readonly<Record<string, string>>): FieldError[] {
  const errors: FieldError[] = [];
  let nBytes = 0;
  for (const key of Object.keys(annotations).sort()) {
    for (const problem of qualifiedNameProblems(key.toLowerCase())) {
      errors.push(invalidValue('metadata.annotations', key, problem));
    }
    nBytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key]!);
  }
  if (nBytes > MAX_ANNOTATION_BYTES) {
    const message = `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`;
    errors.push({ reason: 'FieldValueTooLong', field: 'metadata.annotations', message });
  }
  return errors;
}

function ownerErrors({ ownerReferences = [] }: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  ownerReferences.forEach((owner, index) => {
    const at = `metadata.ownerReferences[${index}]`;
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (!owner[field]) errors.push(invalidValue(`${at}.${field}`, owner[field] ?? '', 'must not be empty'));
    }
  });
  const controllers = ownerReferences.filter(({ controller }) => controller === true);
  if (controllers.length > 1) {
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]!.name} and ${controllers[1]!.name}`;
    errors.push(invalidValue('metadata.ownerReferences', ownerReferences, why));
  }
  return errors;
}

function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) {
    for (const problem of qualifiedNameProblems(finalizer)) {
      errors.push(invalidValue('metadata.finalizers', finalizer, problem));
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(
      invalidValue(
        'metadata.finalizers',
        finalizers,
        'finalizer orphan and foregroundDeletion cannot be both set',
      ),
    );
  }
  return errors;
}
