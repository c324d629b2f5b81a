import { goStringMap, goStrings, GoText } from '../../go-print.ts';
import { checkImmutable, checkLabelSelector } from '../../check-object-meta.ts';
import { forbidden, invalid, notSupported, type FieldError } from '../../field-error.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../../json.ts';
import { checkPodSpec } from '../core-v1/check-pod.ts';
import { checkDaemonSetStrategy, checkDeploymentStrategy, checkProgressDeadline } from './check-strategy.ts';
import { listAt, numberAt, objectsAt, textAt, valueAt } from '../printer-column.ts';

/** Kubernetes' words where they are not the kind's own. */
const SELECTED_AS: Readonly<Record<string, string>> = { ReplicaSet: 'deployment' };

/** Said once more of a selector that has something wrong with it. */
const WORDS_OF_BAD_SELECTOR: Readonly<Record<string, string>> = {
  Deployment: 'invalid label selector',
  ReplicaSet: 'invalid label selector',
};

const STRATEGY_CHECKS: Readonly<Record<string, (object: JsonObject) => FieldError[]>> = {
  DaemonSet: checkDaemonSetStrategy,
  Deployment: checkDeploymentStrategy,
};

/** Checks a kind that makes pods from a template: selector, labels of the template, number of pods, the pods' spec. */
export function checkWorkload(object: JsonObject, old: JsonObject | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const kind = textAt(object, 'kind');
  const replicas = numberAt(object, 'spec', 'replicas');
  if (replicas < 0) errors.push(invalid('spec.replicas', replicas, 'must be greater than or equal to 0'));
  const selector = valueAt(object, 'spec', 'selector');
  const ofSelector = checkLabelSelector(selector, 'spec.selector');
  errors.push(...ofSelector);
  const selects = ofSelector.length === 0;
  if (isJsonObject(selector)) {
    if (isEmptySelector(selector)) {
      errors.push(
        invalid(
          'spec.selector',
          printSelector(selector),
          `empty selector is invalid for ${SELECTED_AS[kind] ?? kind.toLowerCase()}`,
        ),
      );
    }
    if (!selects && kind !== 'DaemonSet')
      errors.push(invalid('spec.selector', printSelector(selector), WORDS_OF_BAD_SELECTOR[kind] ?? ''));
  }
  const labels = valueAt(object, 'spec', 'template', 'metadata', 'labels');
  if (selects && !matches(selector, isJsonObject(labels) ? labels : {})) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalid('spec.template.metadata.labels', goStringMap(labels), why));
  }
  if (selects || kind === 'DaemonSet') errors.push(...checkTemplate(object, kind));
  errors.push(...(STRATEGY_CHECKS[kind]?.(object) ?? []));
  errors.push(...checkNotNegative(object, 'minReadySeconds'));
  if (kind !== 'StatefulSet') errors.push(...checkNotNegative(object, 'revisionHistoryLimit'));
  if (kind === 'Deployment') errors.push(...checkProgressDeadline(object));
  if (old)
    errors.push(
      ...checkImmutable(selector, valueAt(old, 'spec', 'selector'), 'spec.selector', printSelector(selector)),
    );
  return errors;
}

/** Checks what pods are made from; Kubernetes looks no further where it cannot tell which pods are meant. */
function checkTemplate(object: JsonObject, kind: string): FieldError[] {
  const errors: FieldError[] = [];
  const podSpec = valueAt(object, 'spec', 'template', 'spec');
  // Volumes of a StatefulSet's pods come from its claims too, so Kubernetes leaves their spec to the pods.
  if (isJsonObject(podSpec) && kind !== 'StatefulSet') {
    errors.push(...checkPodSpec(podSpec, 'spec.template.spec'));
  }
  const policy = textAt(object, 'spec', 'template', 'spec', 'restartPolicy');
  if (policy !== '' && policy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', policy, ['Always']));
  }
  if (valueAt(object, 'spec', 'template', 'spec', 'activeDeadlineSeconds') !== undefined) {
    const why = `activeDeadlineSeconds in ${kind === 'Deployment' ? 'ReplicaSet' : kind} is not Supported`;
    errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', why));
  }
  return errors;
}

function checkNotNegative(object: JsonObject, field: string): FieldError[] {
  const value = numberAt(object, 'spec', field);
  return value < 0 ? [invalid(`spec.${field}`, value, 'must be greater than or equal to 0')] : [];
}

/** A selector as Kubernetes shows it in errors. */
function printSelector(selector: JsonValue | undefined): GoText {
  if (!isJsonObject(selector)) return new GoText('v1.LabelSelector(nil)');
  const expressions = objectsAt(selector, 'matchExpressions').map((expression) => {
    const values = goStrings(listAt(expression, 'values')).text;
    const name = JSON.stringify(textAt(expression, 'key'));
    return `v1.LabelSelectorRequirement{Key:${name}, Operator:${JSON.stringify(textAt(expression, 'operator'))}, Values:${values}}`;
  });
  const printed = expressions.length === 0 ? '(nil)' : `{${expressions.join(', ')}}`;
  const labels = goStringMap(getOwn(selector, 'matchLabels')).text;
  return new GoText(
    `v1.LabelSelector{MatchLabels:${labels}, MatchExpressions:[]v1.LabelSelectorRequirement${printed}}`,
  );
}

function isEmptySelector(selector: JsonObject): boolean {
  const labels = getOwn(selector, 'matchLabels');
  return (
    (!isJsonObject(labels) || Object.keys(labels).length === 0) &&
    listAt(selector, 'matchExpressions').length === 0
  );
}

/** Whether labels fit a selector; nothing fits one that is not there. */
function matches(selector: JsonValue | undefined, labels: JsonObject): boolean {
  if (!isJsonObject(selector)) return false;
  const wanted = getOwn(selector, 'matchLabels');
  if (isJsonObject(wanted) && !Object.keys(wanted).every((key) => getOwn(labels, key) === wanted[key]))
    return false;
  return objectsAt(selector, 'matchExpressions').every((expression) => {
    const value = getOwn(labels, textAt(expression, 'key'));
    return fits(textAt(expression, 'operator'), value, listAt(expression, 'values'));
  });
}

function fits(operator: string, value: JsonValue | undefined, values: readonly JsonValue[]): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return true;
  }
}
