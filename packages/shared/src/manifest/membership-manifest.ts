import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  type KubernetesObject,
} from '../model/kubernetes-object.ts';
import type { WorkloadKind } from '../model/membership.ts';

/** Longest name of an object. */
const NAME_MAX = 253;

/** Name of the Membership that Flatland makes for one workload: `red.deployment.frontend`. */
export function membershipName(domain: string, kind: WorkloadKind, workload: string): string {
  return `${domain}.${kind.toLowerCase()}.${workload}`.slice(0, NAME_MAX).replace(/[^a-z0-9]+$/, '');
}

/** A Membership of one workload. */
export function membershipManifest(to: {
  readonly domain: string;
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
}): KubernetesObject {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Membership',
    metadata: {
      name: membershipName(to.domain, to.kind, to.name),
      namespace: to.namespace,
      labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE },
    },
    spec: { domain: to.domain, workload: { kind: to.kind, name: to.name } },
  };
}

/** A Membership of every pod of a namespace. */
export function namespaceMembershipManifest(to: {
  readonly domain: string;
  readonly namespace: string;
}): KubernetesObject {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Membership',
    metadata: {
      name: `${to.domain}.namespace`,
      namespace: to.namespace,
      labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE },
    },
    spec: { domain: to.domain, selector: {} },
  };
}
