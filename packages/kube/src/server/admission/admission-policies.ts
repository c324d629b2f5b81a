import type { KubeObject } from '../model/kube-object.ts';
import { parseApiVersion } from '../model/kube-object.ts';
import { matcherOf } from '../selector/label-selector.ts';
import type { StatusError } from '../status/status.ts';
import { forbidden } from '../status/status.ts';
import type { StoreReader } from '../storage/store.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import type { Registry } from '../kinds/registry.ts';
import { storageName } from '../kinds/registry.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import { matchesRequest } from './match-resources.ts';
import type { BindingSpec, PolicySpec } from './policy-object.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = `validatingadmissionpolicies.${GROUP}`;
const BINDINGS = `validatingadmissionpolicybindings.${GROUP}`;

/** HTTP codes of the reasons that a validation may give. */
const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
};

/**
 * Holds writes against the ValidatingAdmissionPolicies that are bound (Kubernetes "Validating Admission Policy").
 * Gives the warnings of bindings that only warn.
 *
 * @throws StatusError for the first objection of a binding that denies
 */
export function admitByPolicies(
  reader: StoreReader,
  registry: Registry,
  request: AdmissionRequest,
): string[] {
  // Policies never lock out their own mending.
  if (request.definition.group === GROUP) return [];
  const warnings: string[] = [];
  for (const { object: binding } of reader.list(BINDINGS)) {
    const bindingSpec = binding['spec'] as BindingSpec;
    const policy = reader.get({
      resource: POLICIES,
      namespace: '',
      name: bindingSpec.policyName ?? '',
    })?.object;
    if (!policy) continue;
    const policySpec = policy['spec'] as PolicySpec;
    const namespaceObject = namespaceOf(reader, request);
    const labels = namespaceObject?.metadata.labels;
    if (!matchesRequest(policySpec.matchConstraints, request, labels)) continue;
    if (!matchesRequest(bindingSpec.matchResources, request, labels)) continue;
    const actions = bindingSpec.validationActions ?? ['Deny'];
    for (const { message, reason } of objectionsOf({
      reader,
      registry,
      policySpec,
      bindingSpec,
      request,
      namespaceObject,
    })) {
      const where = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
      if (actions.includes('Deny')) throw denial(request, `${where} denied request: ${message}`, reason);
      if (actions.includes('Warn')) warnings.push(`Validation failed for ${where}: ${message}`);
    }
  }
  return warnings;
}

interface Evaluation {
  readonly reader: StoreReader;
  readonly registry: Registry;
  readonly policySpec: PolicySpec;
  readonly bindingSpec: BindingSpec;
  readonly request: AdmissionRequest;
  readonly namespaceObject: KubeObject | undefined;
}

function objectionsOf(evaluation: Evaluation) {
  const { policySpec, bindingSpec, request, namespaceObject } = evaluation;
  if (!policySpec.paramKind)
    return evaluatePolicy(policySpec, request, { namespaceObject, params: undefined });
  const params = paramsOf(evaluation);
  if (params.length === 0) {
    const mayMiss =
      bindingSpec.paramRef?.parameterNotFoundAction === 'Allow' || policySpec.failurePolicy === 'Ignore';
    return mayMiss
      ? []
      : [
          {
            message: 'no params found for policy binding with `Deny` parameterNotFoundAction',
            reason: 'Invalid',
          },
        ];
  }
  return params.flatMap((param) => evaluatePolicy(policySpec, request, { namespaceObject, params: param }));
}

function paramsOf({ reader, registry, policySpec, bindingSpec, request }: Evaluation): KubeObject[] {
  const { apiVersion = '', kind = '' } = policySpec.paramKind ?? {};
  const { group } = parseApiVersion(apiVersion);
  const definition = registry.byKind(group, kind);
  const { paramRef } = bindingSpec;
  if (!definition || !paramRef) return [];
  const resource = storageName(definition);
  const namespace = definition.namespaced ? paramRef.namespace || request.namespace : '';
  if (paramRef.name) {
    const found = reader.get({ resource, namespace, name: paramRef.name });
    return found ? [found.object] : [];
  }
  const fits = matcherOf(paramRef.selector);
  return reader
    .list(resource, namespace)
    .map(({ object }) => object)
    .filter((object) => fits(object.metadata.labels ?? {}));
}

/** The namespace that a request is in; a namespace itself is in itself. */
function namespaceOf(
  reader: StoreReader,
  { namespace, definition, object, oldObject }: AdmissionRequest,
): KubeObject | undefined {
  if (definition.group === '' && definition.kind === 'Namespace') return object ?? oldObject;
  if (namespace === '') return undefined;
  return reader.get({ resource: 'namespaces', namespace: '', name: namespace })?.object;
}

function denial({ definition, name }: AdmissionRequest, message: string, reason: string): StatusError {
  const error = forbidden(resourceOf(definition), name, message);
  const { status } = error;
  status.reason = reason;
  status.code = CODES[reason] ?? 422;
  status.details!.causes = [{ message } as never];
  return error;
}
