import type { CelInput } from '@bufbuild/cel';
import { celMap } from '@bufbuild/cel';
import { userInfo } from '../auth/reviews.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { toCelValue } from '../schema/cel/cel-value.ts';
import type { Budget, Expression, Outcome } from '../schema/cel/expression.ts';
import { compileExpression, stepsOfObject } from '../schema/cel/expression.ts';
import type { JsonValue } from '../schema/json.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { PolicySpec, Validation } from './policy-object.ts';

/** Why a policy does not let a request pass. */
export interface Objection {
  readonly message: string;
  readonly reason: string;
}

/** What a policy's expressions see beside the request. */
export interface Surroundings {
  readonly namespaceObject: KubeObject | undefined;
  /** undefined where the policy takes no parameters. */
  readonly params: KubeObject | undefined;
}

const DEFAULT_REASON = 'Invalid';

/**
 * Evaluates a policy on a request that its constraints match. What cannot be evaluated is an objection, unless the
 * policy ignores failures.
 */
export function evaluatePolicy(
  spec: PolicySpec,
  request: AdmissionRequest,
  surroundings: Surroundings,
): Objection[] {
  const budget: Budget = { steps: stepsOfObject };
  const variables = variablesOf(request, surroundings);
  const failure = (what: string): Objection[] =>
    spec.failurePolicy === 'Ignore' ? [] : [{ message: what, reason: DEFAULT_REASON }];
  for (const { name, expression } of spec.matchConditions ?? []) {
    const outcome = run(expression, variables, budget);
    if (outcome.kind !== 'value')
      return failure(`matchConditions[${JSON.stringify(name)}]: ${describe(expression, outcome)}`);
    if (outcome.value !== true) return [];
  }
  variables['variables'] = celMap(evaluateVariables(spec, variables, budget));
  return (spec.validations ?? []).flatMap((validation) => {
    const outcome = run(validation.expression, variables, budget);
    if (outcome.kind !== 'value') return failure(describe(validation.expression, outcome));
    if (outcome.value === true) return [];
    return [
      { message: messageOf(validation, variables, budget), reason: validation.reason || DEFAULT_REASON },
    ];
  });
}

type Variables = Record<string, CelInput>;

function variablesOf(request: AdmissionRequest, { namespaceObject, params }: Surroundings): Variables {
  const { definition, object, oldObject } = request;
  const { schema } = definition;
  return {
    object: object ? toCelValue(schema, json(object)) : null,
    oldObject: oldObject ? toCelValue(schema, json(oldObject)) : null,
    request: toCelValue(undefined, requestValue(request)),
    namespaceObject: namespaceObject ? toCelValue(undefined, json(namespaceObject)) : null,
    params: params ? toCelValue(undefined, json(params)) : null,
  };
}

/** `admission.k8s.io/v1 AdmissionRequest`, as far as expressions may rely on it. */
function requestValue({
  definition,
  operation,
  subresource,
  namespace,
  name,
  user,
  dryRun,
}: AdmissionRequest): JsonValue {
  const { group, version, kind, plural } = definition;
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    subResource: subresource,
    requestKind: { group, version, kind },
    requestResource: { group, version, resource: plural },
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: { uid: '', extra: {}, ...userInfo(user) },
    dryRun,
  };
}

/** Evaluates in order; one that fails is left out, so that only who uses it fails too. */
function evaluateVariables(
  { variables: named = [] }: PolicySpec,
  variables: Variables,
  budget: Budget,
): Map<string, CelInput> {
  const values = new Map<string, CelInput>();
  for (const { name, expression } of named) {
    const outcome = run(expression, { ...variables, variables: celMap(values) }, budget);
    if (outcome.kind === 'value') values.set(name, outcome.value as CelInput);
  }
  return values;
}

const compiled = new Map<string, Expression | string>();
const MAX_COMPILED = 1000;

function run(source: string, variables: Variables, budget: Budget): Outcome {
  let expression = compiled.get(source);
  if (expression === undefined) {
    const result = compileExpression(source);
    expression = result.ok ? result.value : result.error;
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(source, expression);
  }
  if (typeof expression === 'string') return { kind: 'error', message: expression };
  return expression.evaluate(variables, budget);
}

function messageOf(
  { message, messageExpression, expression }: Validation,
  variables: Variables,
  budget: Budget,
): string {
  if (messageExpression) {
    const outcome = run(messageExpression, variables, budget);
    const text = outcome.kind === 'value' && typeof outcome.value === 'string' ? outcome.value.trim() : '';
    if (text !== '' && !text.includes('\n')) return text;
  }
  return message?.trim() || `failed expression: ${expression.trim()}`;
}

function describe(expression: string, outcome: Outcome): string {
  const why = outcome.kind === 'error' ? outcome.message : 'it takes too many steps';
  return `expression '${expression.trim()}' resulted in error: ${why}`;
}

function json(object: KubeObject): JsonValue {
  return object as unknown as JsonValue;
}
