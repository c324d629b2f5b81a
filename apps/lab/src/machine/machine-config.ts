import type { ClusterDefinition } from '../clusters/cluster-definition.ts';
import type { ClusterAccess } from '../clusters/kubeconfig.ts';

/** What the machine's own process is told, as one line of JSON on its standard input. Carries secrets. */
export type MachineConfig = {
  readonly clusters: readonly { readonly definition: ClusterDefinition; readonly access: ClusterAccess }[];
  readonly dataDirectory: string;
  readonly nodePath: string;
};

/** What the machine's process tells, a line of JSON each on its standard output. */
export type MachineEvent =
  | { readonly event: 'built' }
  | { readonly event: 'node-ready'; readonly node: string }
  | { readonly event: 'node-ended'; readonly node: string; readonly code: number | null }
  | { readonly event: 'failed'; readonly text: string };
