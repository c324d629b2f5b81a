import { compareQuantities } from '../../../model/quantity.ts';
import { invalid, required, type FieldError } from '../../field-error.ts';
import { GoText } from '../../go-print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.ts';
import { checkQualifiedName } from '../../names.ts';
import { valueAt } from '../printer-column.ts';

const ofContainers = ['cpu', 'memory', 'ephemeral-storage'];
const ofQuotas = [
  ...ofContainers.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'requests.storage',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
  'storage',
];

/** Checks `resources` of a container: names, and that requests keep within limits (`core` ValidateContainerResourceRequirements). */
export function checkResources(container: JsonObject, path: string): FieldError[] {
  const limits = amountsOf(container, 'limits');
  const requests = amountsOf(container, 'requests');
  const errors: FieldError[] = [];
  for (const [name, amount] of limits)
    errors.push(...checkAmount(name, amount, `${path}.resources.limits[${name}]`));
  for (const [name, amount] of requests) {
    errors.push(...checkAmount(name, amount, `${path}.resources.requests[${name}]`));
    const limit = limits.get(name);
    const at = `${path}.resources.requests`;
    if (limit === undefined) {
      if (!mayOvercommit(name)) {
        errors.push(
          required(`${path}.resources.limits`, 'Limit must be set for non overcommitable resources'),
        );
      }
      continue;
    }
    const difference = compareQuantities(amount, limit);
    if (difference !== 0 && !mayOvercommit(name)) {
      errors.push(invalid(at, amount, `must be equal to ${name} limit of ${limit}`));
    } else if (difference > 0) {
      errors.push(invalid(at, amount, `must be less than or equal to ${name} limit of ${limit}`));
    }
  }
  return errors;
}

/** By name, sorted, as they were normalized when the object was read. */
function amountsOf(container: JsonObject, field: string): Map<string, string> {
  const amounts: JsonValue | undefined = valueAt(container, 'resources', field);
  if (!isJsonObject(amounts)) return new Map();
  const names = Object.keys(amounts).toSorted();
  return new Map(names.map((name) => [name, String(amounts[name] as string | number)]));
}

function checkAmount(name: string, amount: string, at: string): FieldError[] {
  const errors = checkResourceName(name, at);
  if (compareQuantities(amount, '0') < 0) {
    errors.push(invalid(at, amount, 'must be greater than or equal to 0'));
  }
  return errors;
}

function checkResourceName(name: string, at: string): FieldError[] {
  // The name's Go type prints itself, without quotes.
  const shown = new GoText(name);
  const errors = checkQualifiedName(name).map((why) => invalid(at, shown, why));
  if (name.includes('/')) {
    if (!isNative(name) && !isExtended(name)) {
      errors.push(invalid(at, shown, "doesn't follow extended resource name standard"));
    }
    return errors;
  }
  const isKnown =
    ofContainers.includes(name) || ofQuotas.includes(name) || /^(requests\.)?hugepages-/.test(name);
  if (errors.length === 0 && !isKnown) {
    errors.push(invalid(at, shown, 'must be a standard resource type or fully qualified'));
  }
  if (!ofContainers.includes(name) && !name.startsWith('hugepages-')) {
    errors.push(invalid(at, shown, 'must be a standard resource for containers'));
  }
  return errors;
}

function mayOvercommit(name: string): boolean {
  return isNative(name) && !name.startsWith('hugepages-');
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return !name.startsWith('requests.') && checkQualifiedName(`requests.${name}`).length === 0;
}
