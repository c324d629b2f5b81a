import { forbidden, invalid, notSupported, type FieldError } from '../../field-error.ts';
import { GoText } from '../../go-print.ts';
import type { JsonObject } from '../../json.ts';
import { numberAt, textAt, valueAt } from '../printer-column.ts';
import { checkDaemonSetRollout, checkDeploymentRollout, rollingUpdateOf } from './check-rolling-update.ts';

/** Checks the strategy and the deadline of a Deployment (`apps` ValidateDeploymentSpec). */
export function checkDeploymentStrategy(object: JsonObject): FieldError[] {
  const path = 'spec.strategy';
  const type = textAt(object, 'spec', 'strategy', 'type');
  const rolling = rollingUpdateOf(valueAt(object, 'spec', 'strategy'));
  if (type === 'Recreate') {
    const why = "may not be specified when strategy `type` is 'Recreate'";
    return rolling ? [forbidden(`${path}.rollingUpdate`, why)] : [];
  }
  if (type === 'RollingUpdate')
    return rolling ? checkDeploymentRollout(rolling, `${path}.rollingUpdate`) : [];
  const shown = new GoText(
    `apps.DeploymentStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}`,
  );
  return [notSupported(path, shown, ['Recreate', 'RollingUpdate'])];
}

/** Checks the strategy of a DaemonSet (`apps` ValidateDaemonSetUpdateStrategy). */
export function checkDaemonSetStrategy(object: JsonObject): FieldError[] {
  const path = 'spec.updateStrategy';
  const type = textAt(object, 'spec', 'updateStrategy', 'type');
  const rolling = rollingUpdateOf(valueAt(object, 'spec', 'updateStrategy'));
  if (type === 'OnDelete') return [];
  if (type === 'RollingUpdate') return rolling ? checkDaemonSetRollout(rolling, `${path}.rollingUpdate`) : [];
  const shown = new GoText(
    `apps.DaemonSetUpdateStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}`,
  );
  return [notSupported(path, shown, ['RollingUpdate', 'OnDelete'])];
}

/** A rollout cannot fail before its pods can have become available. */
export function checkProgressDeadline(object: JsonObject): FieldError[] {
  const at = 'spec.progressDeadlineSeconds';
  const deadline = valueAt(object, 'spec', 'progressDeadlineSeconds');
  if (typeof deadline !== 'number') return [];
  const errors: FieldError[] = [];
  if (deadline < 0) errors.push(invalid(at, deadline, 'must be greater than or equal to 0'));
  if (deadline <= numberAt(object, 'spec', 'minReadySeconds')) {
    errors.push(invalid(at, deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}
