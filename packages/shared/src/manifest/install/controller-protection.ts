import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { podLabels, systemMeta } from './meta.ts';

/**
 * What keeps the controllers up and apart: a drain leaves one of them, and no pod opens connections to them (the node's
 * own probes pass every NetworkPolicy). Egress stays open: they reach their API and those of linked clusters by
 * addresses, which a NetworkPolicy cannot name before it is known where the API listens. Agents and forwarders are on
 * the host's network, where no NetworkPolicy holds.
 */
export function controllerProtection(name: string): KubernetesObject[] {
  const selector = { matchLabels: podLabels(name) };
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: systemMeta(name),
      spec: { minAvailable: 1, selector },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: systemMeta(name),
      spec: { podSelector: selector, policyTypes: ['Ingress'] },
    },
  ];
}
