import { child, forbidden, invalid, required, type FieldError } from '../../field-error.ts';
import { cloneJson, equalJson, getOwn, type JsonObject, type JsonValue } from '../../json.ts';
import { objectsAt, textAt, valueAt } from '../printer-column.ts';
import { checkTolerations } from './check-tolerations.ts';

const MAX_INT32 = 2 ** 31 - 1;

/** Of a pod only images, deadlines, tolerations and gates may change (`core` ValidatePodUpdate). */
export function checkPodChange(spec: JsonObject, before: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['containers', 'initContainers']) {
    const path = child('spec', field);
    const containers = objectsAt(spec, field);
    if (containers.length !== objectsAt(before, field).length)
      return [...errors, forbidden(path, 'pod updates may not add or remove containers')];
    errors.push(
      ...containers.flatMap((container, index) =>
        textAt(container, 'image') === '' ? [required(`${path}[${index}].image`)] : [],
      ),
    );
  }
  const deadline = checkDeadline(spec, before);
  errors.push(...deadline.errors);
  if (deadline.isLast) return errors;
  errors.push(...checkAddedTolerations(spec, before), ...checkGates(spec, before));
  if (!equalJson(withoutMutable(spec, before), withoutMutable(before, before))) {
    const why =
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
    errors.push(forbidden('spec', why));
  }
  return errors;
}

/** A deadline may come, or come nearer. `isLast` where Kubernetes looks no further. */
function checkDeadline(spec: JsonObject, before: JsonObject): { errors: FieldError[]; isLast: boolean } {
  const path = 'spec.activeDeadlineSeconds';
  const [seconds, old] = [valueAt(spec, 'activeDeadlineSeconds'), valueAt(before, 'activeDeadlineSeconds')];
  const refuse = (value: number, why: string) => ({ errors: [invalid(path, value, why)], isLast: true });
  if (typeof seconds === 'number') {
    if (seconds < 0 || seconds > MAX_INT32)
      return refuse(seconds, `must be between 0 and ${MAX_INT32}, inclusive`);
    if (typeof old === 'number' && old < seconds)
      return refuse(seconds, 'must be less than or equal to previous value');
  } else if (typeof old === 'number') {
    const why = 'must not update from a positive integer to nil value';
    return { errors: [invalid(path, null, why)], isLast: false };
  }
  return { errors: [], isLast: false };
}

/** Of a toleration that is there only its seconds may change. */
function checkAddedTolerations(spec: JsonObject, before: JsonObject): FieldError[] {
  const next = objectsAt(spec, 'tolerations').map(withoutSeconds);
  const isKept = (old: JsonObject) => next.some((toleration) => equalJson(toleration, withoutSeconds(old)));
  return objectsAt(before, 'tolerations').every(isKept)
    ? checkTolerations(spec, 'spec')
    : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function withoutSeconds({ tolerationSeconds: _seconds, ...rest }: JsonObject): JsonObject {
  return rest;
}

function checkGates(spec: JsonObject, before: JsonObject): FieldError[] {
  const known = new Set(objectsAt(before, 'schedulingGates').map((gate) => textAt(gate, 'name')));
  return objectsAt(spec, 'schedulingGates').flatMap((gate, index) => {
    const name = textAt(gate, 'name');
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return known.has(name) ? [] : [forbidden(`spec.schedulingGates[${index}].name`, why)];
  });
}

const mutableFields = ['activeDeadlineSeconds', 'tolerations', 'ephemeralContainers', 'schedulingGates'];

/** What may not change. A grace period below nothing may become one second. */
function withoutMutable(spec: JsonObject, before: JsonObject): JsonValue {
  const rest = cloneJson(spec);
  for (const field of mutableFields) delete rest[field];
  const grace = getOwn(before, 'terminationGracePeriodSeconds');
  if (typeof grace === 'number' && grace < 0 && rest['terminationGracePeriodSeconds'] === 1)
    rest['terminationGracePeriodSeconds'] = grace;
  for (const field of ['containers', 'initContainers']) {
    for (const container of objectsAt(rest, field)) delete container['image'];
  }
  return rest;
}
