import type { DomainView } from '../../topology/topology.ts';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { clusterZone, ENDPOINT, federatesWith, IPAM_PORT, NSM_RELEASE, nsmNamespace } from './names.ts';
import { ENDPOINT_PREFIX_LENGTH, type NsmPool } from './pools.ts';

const SPIFFE_LABEL = { 'spiffe.io/spiffe-id': 'true' };
const SPIRE_SOCKET = { name: 'spire-agent-socket', path: '/run/spire/sockets' };
const NSM_SOCKET = { name: 'nsm-socket', path: '/var/lib/networkservicemesh' };
const SPIFFE_ENV = { name: 'SPIFFE_ENDPOINT_SOCKET', value: `unix://${SPIRE_SOCKET.path}/agent.sock` };
const LOG_ENV = { name: 'NSM_LOG_LEVEL', value: 'INFO' };
const POD_NAME = { fieldRef: { fieldPath: 'metadata.name' } };

/** The namespace of a domain's NSM objects in one cluster. */
export function namespaceObject(domain: DomainView): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: nsmNamespace(domain.id) },
  };
}

/** The domain as a network service; in the home cluster only, whose registry the others ask. */
export function networkService(domain: DomainView): KubernetesObject {
  return {
    apiVersion: 'networkservicemesh.io/v1',
    kind: 'NetworkService',
    metadata: { name: domain.id, namespace: nsmNamespace(domain.id) },
    spec: { payload: 'IP' },
  };
}

/**
 * The IPAM of one family, in the home cluster. Upstream's example also takes the node's port 5006, which leaves
 * room for one domain on a node and which nothing needs: the Service is what endpoints dial.
 */
export function ipamObjects(domain: DomainView, pool: NsmPool): KubernetesObject[] {
  const length = ENDPOINT_PREFIX_LENGTH[pool.family];
  return [
    deployment(domain, {
      name: pool.name,
      cluster: domain.home,
      replicas: 1,
      container: {
        name: 'vl3-ipam',
        image: image('cmd-ipam-vl3'),
        env: [
          SPIFFE_ENV,
          LOG_ENV,
          { name: 'NSM_LISTEN_ON', value: `tcp://:${IPAM_PORT}` },
          { name: 'NSM_PREFIX', value: pool.prefix },
          { name: 'NSM_CLIENT_PREFIX_LEN', value: String(length) },
        ],
        ports: [{ name: 'grpc', containerPort: IPAM_PORT }],
        resources: { limits: { memory: '40Mi', cpu: '200m' } },
      },
      sockets: [SPIRE_SOCKET],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: pool.name, namespace: nsmNamespace(domain.id) },
      spec: {
        type: domain.clusters.length > 1 ? 'LoadBalancer' : 'ClusterIP',
        selector: { app: pool.name },
        ports: [{ name: 'grpc', port: IPAM_PORT, targetPort: 'grpc' }],
      },
    },
  ];
}

/** The vL3 endpoints of the domain in one cluster; away from home they register under floating names. */
export function endpointObject(
  domain: DomainView,
  on: { readonly cluster: string; readonly replicas: number; readonly pools: readonly NsmPool[] },
): KubernetesObject {
  const atHome = on.cluster === domain.home;
  const at = atHome ? '' : `@${clusterZone(domain.home)}`;
  const servers = on.pools.map(({ name }) =>
    atHome
      ? `${name}:${IPAM_PORT}`
      : `tcp://${name}.${nsmNamespace(domain.id)}.${clusterZone(domain.home)}:${IPAM_PORT}`,
  );
  return deployment(domain, {
    name: ENDPOINT,
    cluster: on.cluster,
    replicas: on.replicas,
    container: {
      name: 'nse',
      image: image('cmd-nse-vl3-vpp'),
      env: [
        SPIFFE_ENV,
        LOG_ENV,
        { name: 'POD_NAME', valueFrom: POD_NAME },
        // names of endpoints must differ over all clusters, which names of pods need not
        { name: 'NSM_NAME', value: `$(POD_NAME)-${on.cluster}${at}` },
        { name: 'NSM_SERVICE_NAMES', value: `${domain.id}${at}` },
        { name: 'NSM_REGISTER_SERVICE', value: 'false' },
        { name: 'NSM_PREFIX_SERVER_URL', value: servers.join(',') },
        { name: 'NSM_DNS_TEMPLATES', value: `{{ index .Labels "podName" }}.${domain.dnsName}.` },
      ],
      resources: { requests: { cpu: '150m' }, limits: { memory: '400Mi', cpu: '500m' } },
    },
    sockets: [SPIRE_SOCKET, NSM_SOCKET],
  });
}

interface DeploymentOf {
  readonly name: string;
  readonly cluster: string;
  readonly replicas: number;
  readonly container: Readonly<Record<string, unknown>>;
  readonly sockets: readonly { readonly name: string; readonly path: string }[];
}

function deployment(
  domain: DomainView,
  { name, cluster, replicas, container, sockets }: DeploymentOf,
): KubernetesObject {
  const federates = federatesWith(domain, cluster);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: nsmNamespace(domain.id), labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: {
          labels: { app: name, ...SPIFFE_LABEL },
          ...(federates !== undefined && { annotations: { 'spiffe.io/federatesWith': federates } }),
        },
        spec: {
          containers: [
            {
              ...container,
              imagePullPolicy: 'IfNotPresent',
              volumeMounts: sockets.map((socket) => ({
                name: socket.name,
                mountPath: socket.path,
                readOnly: true,
              })),
            },
          ],
          volumes: sockets.map((socket) => ({
            name: socket.name,
            hostPath: {
              path: socket.path,
              type: socket === NSM_SOCKET ? 'DirectoryOrCreate' : 'Directory',
            },
          })),
        },
      },
    },
  };
}

function image(command: string): string {
  return `ghcr.io/networkservicemesh/${command}:${NSM_RELEASE}`;
}
