import type { KubeObject } from '@flatland/kube/client/object';
import { apiVersionOf, type Resource } from '@flatland/kube/client/resource';
import {
  ClusterRole,
  ClusterRoleBinding,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@flatland/kube/client/resources';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';

const RESOURCES: readonly Resource[] = [
  ClusterRole,
  ClusterRoleBinding,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
];

/** The resource of an object that Flatland installs. Throws for a kind that it does not. */
export function installResourceOf(object: KubernetesObject): Resource {
  const found = RESOURCES.find(
    (resource) => resource.kind === object.kind && apiVersionOf(resource) === object.apiVersion,
  );
  if (found === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not installed`);
  return found;
}

/** `Kind name`, or `Kind namespace/name`. */
export function nameOfObject({ kind = '', metadata: { name, namespace } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Where an object is. */
export function refOf({ metadata: { name, namespace } }: KubeObject): { name: string; namespace?: string } {
  return namespace === undefined ? { name } : { name, namespace };
}
