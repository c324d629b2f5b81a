import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import type { FieldError } from '../schema/field-error.ts';
import type { JsonObject } from '../schema/json.ts';
import type { WriteRequest } from './write-request.ts';

export function hasStatus({ subresources }: ResourceDefinition): boolean {
  return subresources.some(({ name }) => name === 'status');
}

/** A new object has no status but what its kind gives it; Go writes an empty one for built-in kinds. */
export function resetStatus(draft: KubeObject, { builtin, kind }: ResourceDefinition): void {
  if (builtin) draft['status'] = structuredClone(Object.hasOwn(EMPTY_STATUS, kind) ? EMPTY_STATUS[kind] : {});
  else delete draft['status'];
}

/** What Go writes of a status that nobody has filled in, where that is more than an empty object. */
const EMPTY_STATUS: Readonly<Record<string, JsonObject>> = {
  DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  Node: {
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
    nodeInfo: {
      architecture: '',
      bootID: '',
      containerRuntimeVersion: '',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: '',
      machineID: '',
      operatingSystem: '',
      osImage: '',
      systemUUID: '',
    },
  },
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  ReplicaSet: { replicas: 0 },
  StatefulSet: { availableReplicas: 0, replicas: 0 },
};

/** A custom resource's status is checked by itself, so that paths in words begin below it; those of fields do not. */
export function belowStatus(errors: FieldError[], { definition, subresource }: WriteRequest): FieldError[] {
  if (definition.builtin || subresource !== 'status') return errors;
  return errors.map((error) => {
    const path = error.field.replace(/^status\.?/, '');
    return { ...error, message: error.message.replace(`${error.field} in body`, `${path} in body`) };
  });
}
