import type { KubernetesObject } from '../model/kubernetes-object.ts';

/** The Domain red, with whatever a test is about. */
export function domainObject(spec: object, metadata: object = {}): KubernetesObject {
  return {
    apiVersion: 'flatland.dev/v1alpha1',
    kind: 'Domain',
    metadata: { name: 'red', ...metadata },
    spec,
  } as KubernetesObject;
}
