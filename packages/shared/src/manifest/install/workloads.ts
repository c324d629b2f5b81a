import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { REPORT_PORT } from '../../report/report.ts';
import { podLabels, systemMeta } from './meta.ts';

/** What differs between installations. */
export interface InstallOptions {
  readonly cluster: string;
  /** Where the nodes' container runtime listens, below /run. Absent in the lab, whose kubelets publish sandboxes by name. */
  readonly criSocket?: string;
  readonly images: { readonly agent: string; readonly forwarder: string; readonly controller: string };
}

const RUN_DIRECTORY = '/run/flatland';
const DATA_DIRECTORY = '/var/lib/flatland';
/** Who a container without rights runs as; no image has to name a user. */
const NOBODY = 65_532;
const TUN = '/dev/net/tun';

/** The forwarder and the agent on each node, and the controller of the cluster. */
export function workloadManifests(options: InstallOptions): KubernetesObject[] {
  return [
    daemonSet('flatland-forwarder', {
      updateStrategy: { type: 'OnDelete' },
      container: {
        name: 'forwarder',
        image: options.images.forwarder,
        env: [env('FLATLAND_FORWARDER_SOCKET', `${RUN_DIRECTORY}/forwarder.sock`)],
        securityContext: { capabilities: { add: ['NET_ADMIN', 'SYS_ADMIN'], drop: ['ALL'] } },
        volumeMounts: [
          mount('run', '/run', 'HostToContainer'),
          mount('data', DATA_DIRECTORY),
          mount('tun', TUN),
        ],
      },
      volumes: [{ name: 'tun', hostPath: { path: TUN, type: 'CharDevice' } }],
    }),
    daemonSet('flatland-agent', {
      updateStrategy: { type: 'RollingUpdate' },
      container: {
        name: 'agent',
        image: options.images.agent,
        env: [
          env('FLATLAND_CLUSTER', options.cluster),
          { name: 'FLATLAND_NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          env('FLATLAND_DATA', DATA_DIRECTORY),
          env('FLATLAND_FORWARDER_SOCKET', `${RUN_DIRECTORY}/forwarder.sock`),
          ...(options.criSocket === undefined ? [] : [env('FLATLAND_CRI_SOCKET', options.criSocket)]),
        ],
        ports: [{ name: 'report', containerPort: REPORT_PORT }],
        readinessProbe: { httpGet: { path: '/healthz', port: 'report' }, periodSeconds: 5 },
        // The namespaces that it makes have to be seen by the forwarder and by the agent after it, for which
        // Kubernetes asks for a privileged container.
        securityContext: { privileged: true },
        volumeMounts: [mount('run', '/run', 'Bidirectional'), mount('data', DATA_DIRECTORY)],
      },
    }),
    controllerDeployment(options),
  ];
}

function daemonSet(
  name: string,
  parts: {
    readonly updateStrategy: object;
    readonly container: Record<string, unknown>;
    readonly volumes?: readonly object[];
  },
): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: systemMeta(name),
    spec: {
      selector: { matchLabels: podLabels(name) },
      updateStrategy: parts.updateStrategy,
      template: {
        metadata: { labels: podLabels(name) },
        spec: {
          serviceAccountName: name,
          hostNetwork: true,
          dnsPolicy: 'ClusterFirstWithHostNet',
          priorityClassName: 'system-node-critical',
          tolerations: [{ operator: 'Exists' }],
          containers: [parts.container],
          volumes: [hostPath('run', '/run'), hostPath('data', DATA_DIRECTORY), ...(parts.volumes ?? [])],
        },
      },
    },
  };
}

function controllerDeployment(options: InstallOptions): KubernetesObject {
  const name = 'flatland-controller';
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: systemMeta(name),
    spec: {
      replicas: 1,
      selector: { matchLabels: podLabels(name) },
      template: {
        metadata: { labels: podLabels(name) },
        spec: {
          serviceAccountName: name,
          hostNetwork: true,
          dnsPolicy: 'ClusterFirstWithHostNet',
          priorityClassName: 'system-cluster-critical',
          containers: [
            {
              name: 'controller',
              image: options.images.controller,
              env: [env('FLATLAND_CLUSTER', options.cluster)],
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                runAsUser: NOBODY,
              },
            },
          ],
        },
      },
    },
  };
}

function env(name: string, value: string) {
  return { name, value };
}

function mount(name: string, mountPath: string, mountPropagation?: string) {
  return { name, mountPath, ...(mountPropagation !== undefined && { mountPropagation }) };
}

function hostPath(name: string, path: string) {
  return { name, hostPath: { path, type: 'DirectoryOrCreate' } };
}
