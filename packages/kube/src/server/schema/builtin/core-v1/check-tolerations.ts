import { invalid, notSupported, type FieldError } from '../../field-error.ts';
import { getOwn, type JsonObject } from '../../json.ts';
import { checkLabelValue, checkQualifiedName } from '../../names.ts';
import { objectsAt, textAt } from '../printer-column.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Checks `tolerations` of a pod's spec (`core` ValidateTolerations). */
export function checkTolerations(spec: JsonObject, path: string): FieldError[] {
  return objectsAt(spec, 'tolerations').flatMap((toleration, index) =>
    checkToleration(toleration, `${path}.tolerations[${index}]`),
  );
}

function checkToleration(toleration: JsonObject, at: string): FieldError[] {
  const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map((field) =>
    textAt(toleration, field),
  ) as [string, string, string, string];
  const errors: FieldError[] = [];
  if (key !== '') errors.push(...checkQualifiedName(key).map((why) => invalid(`${at}.key`, key, why)));
  else if (operator !== 'Exists') {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(`${at}.operator`, operator, why));
  }
  if (getOwn(toleration, 'tolerationSeconds') !== undefined && effect !== 'NoExecute') {
    errors.push(
      invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    );
  }
  // Kubernetes names the operator where the value is wrong.
  if (operator === '' || operator === 'Equal') {
    const problems = checkLabelValue(value);
    if (problems.length > 0) errors.push(invalid(`${at}.operator`, value, problems.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') {
      errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    }
  } else errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
  if (effect !== '' && !effects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, effects));
  return errors;
}
