import { required, type FieldError } from '../../field-error.ts';
import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { textAt, valueAt } from '../printer-column.ts';

/** Keys that a Secret of a type must have. */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

/** Checks that a Secret has what its type promises (`core` ValidateSecret). */
export function checkSecretType(object: JsonObject): FieldError[] {
  const type = textAt(object, 'type');
  const value = valueAt(object, 'data');
  const data: JsonObject = isJsonObject(value) ? value : {};
  const missing = (keys: readonly string[]) =>
    keys.filter((key) => getOwn(data, key) === undefined).map((key) => required(`data[${key}]`));
  if (Object.hasOwn(neededKeys, type)) return missing(neededKeys[type]!);
  switch (type) {
    case 'kubernetes.io/basic-auth': {
      const errors = missing(['username', 'password']);
      return errors.length === 2 ? errors : [];
    }
    case 'kubernetes.io/ssh-auth':
      return textAt(data, 'ssh-privatekey') === '' ? [required('data[ssh-privatekey]')] : [];
    case 'kubernetes.io/service-account-token': {
      const annotation = 'kubernetes.io/service-account.name';
      const isThere = textAt(object, 'metadata', 'annotations', annotation) !== '';
      return isThere ? [] : [required(`metadata.annotations[${annotation}]`)];
    }
    default:
      return [];
  }
}
