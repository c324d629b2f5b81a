import { namespaceSocketsCompliance } from '../../../test/compliance/namespace-sockets-compliance.ts';
import { linuxNode } from '../../../test/machine/linux-node.ts';
import { linuxNamespaceSockets } from './linux-namespace-sockets.ts';
import { namedPodRuntime } from './named-pod-runtime.ts';

namespaceSocketsCompliance(async () => ({
  ...(await linuxNode()),
  sockets: linuxNamespaceSockets({ pods: namedPodRuntime() }),
}));
