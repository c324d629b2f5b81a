import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { REPORT_PORT } from '../../report/report.ts';
import { dnsService } from './dns-service.ts';
import { controllerProtection } from './controller-protection.ts';
import { podLabels, systemMeta } from './meta.ts';

/** What differs between installations. */
export interface InstallOptions {
  readonly cluster: string;
  /**
   * An embedded cluster of the lab: one controller, on its node's network, where the API's socket is; sandboxes are
   * published by name, and nothing is limited or probed more than the lab's kubelets need.
   */
  readonly embedded?: boolean;
  /** Where the nodes' container runtime listens, below /run; an embedded cluster has none. @default DEFAULT_CRI_SOCKET */
  readonly criSocket?: string;
  /** True where the nodes can only be reached after they spoke first. @default the agents ask their peers */
  readonly behindNat?: boolean;
  readonly images: { readonly agent: string; readonly forwarder: string; readonly controller: string };
}

/** Where containerd listens, as most distributions set it up. */
export const DEFAULT_CRI_SOCKET = '/run/containerd/containerd.sock';
/** Where a controller answers `/healthz` and `/readyz`. */
export const CONTROLLER_HEALTH_PORT = 8081;

const RUN_DIRECTORY = '/run/flatland';
const DATA_DIRECTORY = '/var/lib/flatland';
/** Who a container without rights runs as; no image has to name a user. */
const NOBODY = 65_532;
const TUN = '/dev/net/tun';
const AGENT = 'flatland-agent';
const CONTROLLER = 'flatland-controller';

/**
 * The forwarder and the agent on each node, and the controllers of the cluster.
 *
 * The Service for the domains' DNS leads each node's pods to the agent of that node, which sees who asks; in the lab, whose
 * name servers are in the nodes' network, there is none. The forwarder has no probe: it answers `/healthz` on its unix socket alone, and a restart for a
 * slow answer would cut the packets that it carries. `SYS_ADMIN`, without which no network namespace is entered,
 * excludes `allowPrivilegeEscalation: false`.
 */
export function workloadManifests(options: InstallOptions): KubernetesObject[] {
  const embedded = options.embedded === true;
  const criSocket = options.criSocket ?? (embedded ? undefined : DEFAULT_CRI_SOCKET);
  const hardened = embedded
    ? {}
    : { readOnlyRootFilesystem: true, seccompProfile: { type: 'RuntimeDefault' } };
  // One image has all programs; the lab's images are one program each.
  const command = (program: string) => (embedded ? {} : { command: [program] });
  return [
    daemonSet('flatland-forwarder', {
      updateStrategy: { type: 'OnDelete' },
      container: {
        name: 'forwarder',
        image: options.images.forwarder,
        ...command('flatland-forwarder'),
        env: [env('FLATLAND_FORWARDER_SOCKET', `${RUN_DIRECTORY}/forwarder.sock`), ...SMALL],
        ...(embedded ? {} : { resources: resources({ cpu: '100m', memory: '96Mi' }, '512Mi') }),
        securityContext: { ...hardened, capabilities: { add: ['NET_ADMIN', 'SYS_ADMIN'], drop: ['ALL'] } },
        volumeMounts: [
          mount('run', '/run', 'HostToContainer'),
          mount('data', DATA_DIRECTORY),
          mount('tun', TUN),
        ],
      },
      volumes: [{ name: 'tun', hostPath: { path: TUN, type: 'CharDevice' } }],
    }),
    daemonSet(AGENT, {
      updateStrategy: { type: 'RollingUpdate' },
      container: {
        name: 'agent',
        image: options.images.agent,
        ...command('flatland-agent'),
        env: [
          env('FLATLAND_CLUSTER', options.cluster),
          { name: 'FLATLAND_NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          env('FLATLAND_DATA', DATA_DIRECTORY),
          env('FLATLAND_FORWARDER_SOCKET', `${RUN_DIRECTORY}/forwarder.sock`),
          ...(criSocket === undefined ? [] : [env('FLATLAND_CRI_SOCKET', criSocket)]),
          ...(options.behindNat === true ? [env('FLATLAND_BEHIND_NAT', '1')] : []),
          // Configurations with keys, for as long as `wg` reads them, are never on a disk.
          env('TMPDIR', '/run'),
          env('NODE_COMPILE_CACHE', `${DATA_DIRECTORY}/compile-cache`),
          ...SMALL,
        ],
        ports: [{ name: 'report', containerPort: REPORT_PORT }],
        readinessProbe: { httpGet: { path: '/healthz', port: 'report' }, periodSeconds: 5 },
        ...(embedded
          ? {}
          : {
              startupProbe: startup('report'),
              livenessProbe: liveness('report'),
              resources: resources({ cpu: '50m', memory: '96Mi' }, '384Mi'),
            }),
        // The namespaces that it makes have to be seen by the forwarder and by the agent after it, for which
        // Kubernetes asks for a privileged container.
        securityContext: { ...hardened, privileged: true },
        volumeMounts: [mount('run', '/run', 'Bidirectional'), mount('data', DATA_DIRECTORY)],
      },
    }),
    controllerDeployment(options),
    ...(embedded ? [] : [dnsService(AGENT), ...controllerProtection(CONTROLLER)]),
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
  const name = CONTROLLER;
  const embedded = options.embedded === true;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: systemMeta(name),
    spec: {
      replicas: embedded ? 1 : 2,
      selector: { matchLabels: podLabels(name) },
      template: {
        metadata: { labels: podLabels(name) },
        spec: {
          serviceAccountName: name,
          ...(embedded ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : SPREAD),
          priorityClassName: 'system-cluster-critical',
          containers: [
            {
              name: 'controller',
              image: options.images.controller,
              ...(embedded ? {} : { command: ['flatland-controller'] }),
              env: [
                env('FLATLAND_CLUSTER', options.cluster),
                { name: 'FLATLAND_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
                ...(embedded ? [] : [env('FLATLAND_HEALTH_PORT', String(CONTROLLER_HEALTH_PORT))]),
                ...SMALL,
              ],
              ...(embedded
                ? {}
                : {
                    ports: [{ name: 'health', containerPort: CONTROLLER_HEALTH_PORT }],
                    startupProbe: startup('health'),
                    livenessProbe: liveness('health'),
                    readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 5 },
                    resources: resources({ cpu: '50m', memory: '96Mi' }, '512Mi'),
                  }),
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                ...(embedded ? {} : { runAsUser: NOBODY, seccompProfile: { type: 'RuntimeDefault' } }),
              },
            },
          ],
        },
      },
    },
  };
}

/** Node.js and the C library keep little in reserve: these programs have much time, and share a node with others. */
const SMALL = [
  env('NODE_OPTIONS', '--max-semi-space-size=1 --v8-pool-size=1'),
  env('MALLOC_ARENA_MAX', '2'),
  env('MALLOC_TRIM_THRESHOLD_', '131072'),
];

/** On two nodes where there are two. */
const SPREAD = {
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: podLabels(CONTROLLER) },
    },
  ],
};

/** Five minutes: a program that is ended while it starts, because its node is busy, never comes to its end. */
function startup(port: string) {
  return { httpGet: { path: '/healthz', port }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 };
}

/** Patient: a node under load is slow, and a restart makes it no faster. */
function liveness(port: string) {
  return { httpGet: { path: '/healthz', port }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 };
}

/** The processor is not limited: throttling would delay every packet and renewal. */
function resources(requests: { readonly cpu: string; readonly memory: string }, memoryLimit: string) {
  return { requests, limits: { memory: memoryLimit } };
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
