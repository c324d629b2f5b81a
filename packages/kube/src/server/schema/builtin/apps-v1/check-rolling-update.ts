import { invalid, required, type FieldError } from '../../field-error.ts';
import { GoText } from '../../go-print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.ts';
import { valueAt } from '../printer-column.ts';

const percent = /^\d+%$/;

/** Checks how many pods a rollout of a Deployment may add or miss (`apps` ValidateRollingUpdateDeployment). */
export function checkDeploymentRollout(rolling: JsonObject, path: string): FieldError[] {
  const { maxUnavailable, maxSurge } = amountsOf(rolling);
  const errors = [
    ...checkAmount(maxUnavailable, `${path}.maxUnavailable`),
    ...checkAmount(maxSurge, `${path}.maxSurge`),
  ];
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
    const why = 'may not be 0 when `maxSurge` is 0';
    errors.push(invalid(`${path}.maxUnavailable`, printAmount(maxUnavailable), why));
  }
  return [...errors, ...checkAtMostAll(maxUnavailable, `${path}.maxUnavailable`)];
}

/** The same of a DaemonSet, which either adds pods or misses them (`apps` ValidateRollingUpdateDaemonSet). */
export function checkDaemonSetRollout(rolling: JsonObject, path: string): FieldError[] {
  const { maxUnavailable, maxSurge } = amountsOf(rolling);
  const errors = [
    ...checkAmount(maxUnavailable, `${path}.maxUnavailable`),
    ...checkAmount(maxSurge, `${path}.maxSurge`),
    ...checkAtMostAll(maxUnavailable, `${path}.maxUnavailable`),
    ...checkAtMostAll(maxSurge, `${path}.maxSurge`),
  ];
  const hasUnavailable = amountOf(maxUnavailable) !== 0;
  const hasSurge = amountOf(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    const why = 'may not be set when maxUnavailable is non-zero';
    errors.push(invalid(`${path}.maxSurge`, printAmount(maxSurge), why));
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

interface Amounts {
  readonly maxUnavailable: JsonValue;
  readonly maxSurge: JsonValue;
}

function amountsOf(rolling: JsonObject): Amounts {
  return {
    maxUnavailable: valueAt(rolling, 'maxUnavailable') ?? 0,
    maxSurge: valueAt(rolling, 'maxSurge') ?? 0,
  };
}

function checkAmount(value: JsonValue, at: string): FieldError[] {
  if (typeof value === 'number') {
    return value < 0 ? [invalid(at, value, 'must be greater than or equal to 0')] : [];
  }
  if (typeof value === 'string' && percent.test(value)) return [];
  const why =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalid(at, printAmount(value), why)];
}

function checkAtMostAll(value: JsonValue, at: string): FieldError[] {
  if (typeof value !== 'string' || !percent.test(value) || amountOf(value) <= 100) return [];
  return [invalid(at, printAmount(value), 'must not be greater than 100%')];
}

function amountOf(value: JsonValue): number {
  return typeof value === 'number' ? value : Number.parseInt(String(value as string), 10) || 0;
}

/** An `intstr.IntOrString` as errors have it. */
function printAmount(value: JsonValue): GoText {
  const isText = typeof value === 'string';
  const parts = isText ? ['1', '0', JSON.stringify(value)] : ['0', JSON.stringify(value), '""'];
  return new GoText(`intstr.IntOrString{Type:${parts[0]}, IntVal:${parts[1]}, StrVal:${parts[2]}}`);
}

/** The rolling update of a strategy; undefined where it has none. */
export function rollingUpdateOf(strategy: JsonValue | undefined): JsonObject | undefined {
  const rolling = isJsonObject(strategy) ? valueAt(strategy, 'rollingUpdate') : undefined;
  return isJsonObject(rolling) ? rolling : undefined;
}
