import { controllerReference } from './kinds/meta.ts';
import type { KubeObject } from './kinds/meta.ts';
import type { PodSpec, PodTemplate } from './kinds/pod.ts';

export type PodName = { readonly name: string } | { readonly generateName: string };

/** The pod that a controller makes from a template; in the owner's namespace and controlled by it. */
export function podFromTemplate(
  owner: KubeObject,
  ownerKind: string,
  from: { template: PodTemplate; name: PodName; labels?: Record<string, string>; spec?: Partial<PodSpec> },
): KubeObject {
  const { template } = from;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(from.name as { name: string }),
      namespace: owner.metadata.namespace!,
      labels: { ...template.metadata?.labels, ...from.labels },
      ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ownerReferences: [controllerReference(owner, 'apps/v1', ownerKind)],
    },
    spec: { ...template.spec, ...from.spec },
  };
}
