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
      },
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
        securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN'], drop: ['ALL'] } },
      },
    }),
    controllerDeployment(options),
  ];
}

function daemonSet(
  name: string,
  parts: { readonly updateStrategy: object; readonly container: Record<string, unknown> },
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
          containers: [
            { ...parts.container, volumeMounts: [mount('run', '/run'), mount('data', DATA_DIRECTORY)] },
          ],
          volumes: [hostPath('run', '/run'), hostPath('data', DATA_DIRECTORY)],
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

function mount(name: string, mountPath: string) {
  return { name, mountPath, ...(name === 'run' && { mountPropagation: 'Bidirectional' }) };
}

function hostPath(name: string, path: string) {
  return { name, hostPath: { path, type: 'DirectoryOrCreate' } };
}
