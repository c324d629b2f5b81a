import type { Logger } from 'pino';
import { NO_KUBELETS } from '@flatland/kube/server/kubelet-port';
import type { DataDirectory } from '../data-directory.ts';
import type { LabNodes } from '../lab/nodes.ts';

export function memoryNodes(_options: { directory: DataDirectory; log: Logger; nowMs: () => number }): LabNodes {
  return { kubelets: NO_KUBELETS, start: async () => {}, stop: async () => {} };
}
