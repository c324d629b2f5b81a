import type { KubeObject } from '@flatland/kube/client/object';
import { apiVersionOf, type Resource } from '@flatland/kube/client/resource';
import { resourceOfKind } from '@flatland/kube/client/resource-of-kind';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';

/** The resource of an object that Flatland installs. Throws for a kind that it does not. */
export function installResourceOf({ apiVersion, kind }: KubernetesObject): Resource {
  const found = resourceOfKind(kind);
  if (found === undefined || apiVersionOf(found) !== apiVersion)
    throw new Error(`${apiVersion} ${kind} is not installed`);
  return found;
}

/** `Kind name`, or `Kind namespace/name`. */
export function nameOfObject({ kind = '', metadata: { name, namespace } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
