import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { deployment, service } from '../objects.ts';
import type { Get } from '../suite.ts';
import {
  NOT_NEGATIVE,
  PORT_RANGE,
  shown,
  SUBDOMAIN,
  wordsOf,
  type ChangedWords,
} from './kubernetes-words.ts';

/** What built-in kinds refuse, whole and in Kubernetes' words. */
export function builtInRuleCases(get: Get): void {
  describe('rules of built-in kinds', () => {
    it.each(DEPLOYMENTS)('a Deployment of %j is refused', async (spec, why) => {
      const { api, freshNamespace, minor } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const { code, body } = await api.create(path, deployment('one', {}, spec));
      expect([code, body.message]).toEqual([422, `Deployment.apps "one" is invalid: ${wordsOf(why, minor)}`]);
    });

    it.each(DAEMON_SETS)('a DaemonSet of %j is refused', async (spec, why) => {
      const { api, freshNamespace, minor } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/daemonsets`;
      const { code, body } = await api.create(path, { ...deployment('one', {}, spec), kind: 'DaemonSet' });
      expect([code, body.message]).toEqual([422, `DaemonSet.apps "one" is invalid: ${wordsOf(why, minor)}`]);
    });

    it.each([
      {
        mode: 'Bidirectional',
        why: 'Forbidden: Bidirectional mount propagation is available only to privileged containers',
      },
      {
        mode: 'Sideways',
        why: 'Unsupported value: "Sideways": supported values: "Bidirectional", "HostToContainer", "None"',
      },
    ])('mounts of a container do not propagate $mode', async ({ mode, why }) => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const object = deployment('one');
      const pod = object.spec.template.spec;
      pod.volumes = [{ name: 'run', emptyDir: {} }];
      pod.containers[0].volumeMounts = [{ name: 'run', mountPath: '/run', mountPropagation: mode }];
      const { code, body } = await api.create(path, object);
      const where = 'spec.template.spec.containers[0].volumeMounts.mountPropagation';
      expect([code, body.message]).toEqual([422, `Deployment.apps "one" is invalid: ${where}: ${why}`]);
      if (mode !== 'Bidirectional') return;
      pod.containers[0].securityContext = { privileged: true };
      expect((await api.create(path, object)).code).toBe(201);
    });

    it('a StatefulSet may mount the volumes of its claims', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/statefulsets`;
      const object = { ...deployment('one', {}, { serviceName: 'one' }), kind: 'StatefulSet' };
      object.spec.template.spec.containers[0].volumeMounts = [{ name: 'data', mountPath: '/data' }];
      object.spec.volumeClaimTemplates = [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ];
      expect((await api.create(path, object)).code).toBe(201);
    });

    it.each(SERVICES)('a Service of %j is refused', async (spec, why) => {
      const { api, freshNamespace, minor } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/services`;
      const { code, body } = await api.create(path, service('one', spec));
      expect([code, body.message]).toEqual([422, `Service "one" is invalid: ${wordsOf(why, minor)}`]);
    });

    it('a node port belongs to one Service', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/services`;
      const first = await api.create(path, service('one', { type: 'NodePort' }));
      const { nodePort } = first.body.spec.ports[0];
      const second = await api.create(
        path,
        service('two', { type: 'NodePort', ports: [{ port: 80, nodePort }] }),
      );
      expect([second.code, second.body.message]).toEqual([
        422,
        `Service "two" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
      ]);
    });

    it.each(NETWORK_POLICIES)('a NetworkPolicy of %j is refused', async (spec, why) => {
      const { api, freshNamespace, minor } = get();
      const path = `/apis/networking.k8s.io/v1/namespaces/${await freshNamespace()}/networkpolicies`;
      const { code, body } = await api.create(path, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'one' },
        spec: { podSelector: {}, ...spec },
      });
      expect([code, body.message]).toEqual([
        422,
        `NetworkPolicy.networking.k8s.io "one" is invalid: ${wordsOf(why, minor)}`,
      ]);
    });

    it.each(SECRETS)('a Secret of type kubernetes.io/%s with %j is refused', async (type, data, why) => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/secrets`;
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' }, stringData: data };
      const { code, body } = await api.create(path, { ...secret, type: `kubernetes.io/${type}` });
      expect([code, body.message]).toEqual([422, `Secret "one" is invalid: ${why}`]);
    });

    it.each(LEASES)('a Lease of %j is refused', async (spec, why) => {
      const { api, freshNamespace, minor } = get();
      const path = `/apis/coordination.k8s.io/v1/namespaces/${await freshNamespace()}/leases`;
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'one' }, spec };
      const { code, body } = await api.create(path, lease);
      expect([code, body.message]).toEqual([
        422,
        `Lease.coordination.k8s.io "one" is invalid: ${wordsOf(why, minor)}`,
      ]);
    });
  });
}

const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const DEPLOYMENTS: [Json, string | ChangedWords][] = [
  [{ minReadySeconds: -1 }, `spec.minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`],
  [{ revisionHistoryLimit: -1 }, `spec.revisionHistoryLimit: Invalid value: -1: ${NOT_NEGATIVE}`],
  [
    { minReadySeconds: 10, progressDeadlineSeconds: 10 },
    'spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds',
  ],
  [
    { strategy: { type: 'Sudden' } },
    shown(
      '{"Type":"Sudden","RollingUpdate":null}',
      'apps.DeploymentStrategy{Type:"Sudden", RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}',
      (value) => `spec.strategy: Unsupported value: ${value}: supported values: "Recreate", "RollingUpdate"`,
    ),
  ],
  [
    { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
    shown(
      '"0%"',
      'intstr.IntOrString{Type:1, IntVal:0, StrVal:"0%"}',
      (value) =>
        `spec.strategy.rollingUpdate.maxUnavailable: Invalid value: ${value}: may not be 0 when \`maxSurge\` is 0`,
    ),
  ],
  [
    { strategy: { rollingUpdate: { maxSurge: 'many' } } },
    shown(
      '"many"',
      'intstr.IntOrString{Type:1, IntVal:0, StrVal:"many"}',
      (value) => `spec.strategy.rollingUpdate.maxSurge: Invalid value: ${value}: ${PERCENT}`,
    ),
  ],
  [
    { strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
    shown(
      '"101%"',
      'intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}',
      (value) =>
        `spec.strategy.rollingUpdate.maxUnavailable: Invalid value: ${value}: must not be greater than 100%`,
    ),
  ],
  [
    { strategy: { rollingUpdate: { maxSurge: -1 } } },
    `spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: ${NOT_NEGATIVE}`,
  ],
];

const DAEMON_SETS: [Json, string | ChangedWords][] = [
  [{ minReadySeconds: -1 }, `spec.minReadySeconds: Invalid value: -1: ${NOT_NEGATIVE}`],
  [
    { updateStrategy: { type: 'Sudden' } },
    shown(
      '{"Type":"Sudden","RollingUpdate":null}',
      'apps.DaemonSetUpdateStrategy{Type:"Sudden", RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}',
      (value) =>
        `spec.updateStrategy: Unsupported value: ${value}: supported values: "RollingUpdate", "OnDelete"`,
    ),
  ],
  [
    { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
    shown(
      '1',
      'intstr.IntOrString{Type:0, IntVal:1, StrVal:""}',
      (value) =>
        `spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: ${value}: may not be set when maxUnavailable is non-zero`,
    ),
  ],
  [
    { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ],
];

const notAllocated = (value: string, why: string) =>
  `spec.clusterIPs: Invalid value: ${value}: failed to allocate IP 192.0.2.1: ${why}`;
const SERVICES: [Json, string | ChangedWords][] = [
  [
    { ports: [{ port: 80, protocol: 'ICMP' }] },
    'spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    {
      ports: [
        { name: 'a', port: 1 },
        { name: 'a', port: 2 },
      ],
    },
    'spec.ports[1].name: Duplicate value: "a"',
  ],
  [
    { ports: [{ port: 80, targetPort: 'No_Name' }] },
    'spec.ports[0].targetPort: Invalid value: "No_Name": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ],
  [{ type: 'ExternalName', ports: [] }, 'spec.externalName: Required value'],
  [
    { type: 'ExternalName', externalName: 'Bad.', ports: [] },
    `spec.externalName: Invalid value: "Bad": ${SUBDOMAIN}`,
  ],
  [
    { type: 'NodePort', clusterIP: 'None' },
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ],
  [
    { sessionAffinity: 'Strong' },
    'spec.sessionAffinity: Unsupported value: "Strong": supported values: "ClientIP", "None"',
  ],
  [
    { clusterIP: 'ten' },
    'spec.clusterIPs[0]: Invalid value: "ten": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    { clusterIP: '192.0.2.1' },
    {
      minor: 34,
      words: notAllocated('["192.0.2.1"]', 'the provided network does not match the current range'),
      before: {
        minor: 33,
        words: notAllocated('[]string{"192.0.2.1"}', 'the provided network does not match the current range'),
        before: notAllocated(
          '[]string{"192.0.2.1"}',
          'the provided IP (192.0.2.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
        ),
      },
    },
  ],
  [
    { clusterIP: '2001:db8::1' },
    shown(
      '["2001:db8::1"]',
      '[]string{"2001:db8::1"}',
      (value) => `spec.clusterIPs[0]: Invalid value: ${value}: IPv6 is not configured on this cluster`,
    ),
  ],
  [
    { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
    'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
];

const from = (peer: Json): Json => ({ ingress: [{ from: [peer] }] });
const onPort = (port: Json): Json => ({ egress: [{ ports: [port] }] });
const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

const EXCEPTIONS = `spec.ingress[0].from[0].ipBlock.except[1]: Invalid value: "x": ${CIDR}, spec.ingress[0].from[0].ipBlock.except[2]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``;
const NETWORK_POLICIES: [Json, string | ChangedWords][] = [
  [from({}), 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  [
    from({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
    'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  [
    from({ podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
    "spec.ingress[0].from[0].podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
  [
    from({ ipBlock: { cidr: '10.0.0.0' } }),
    `spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0": ${CIDR}`,
  ],
  [
    from({ ipBlock: { cidr: '10.0.0.0/33' } }),
    `spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0/33": ${CIDR}`,
  ],
  [
    from({ ipBlock: { cidr: '10.0.0.1/8', except: ['10.1.0.0/16', 'x', '10.0.0.0/8'] } }),
    // StrictIPCIDRValidation is on since 1.36.
    {
      minor: 36,
      words: `[spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length, ${EXCEPTIONS}]`,
      before: `[${EXCEPTIONS}]`,
    },
  ],
  [
    onPort({ protocol: 'ICMP' }),
    'spec.egress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"',
  ],
  [onPort({ port: 0 }), `spec.egress[0].ports[0].port: Invalid value: 0: ${PORT_RANGE}`],
  [
    onPort({ port: 90, endPort: 80 }),
    {
      minor: 37,
      words: 'spec.egress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`',
      before: 'spec.egress[0].ports[0].endPort: Invalid value: 90: must be greater than or equal to `port`',
    },
  ],
  [
    onPort({ port: 'web', endPort: 80 }),
    'spec.egress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is non-numeric',
  ],
  [
    onPort({ endPort: 80 }),
    'spec.egress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is not specified',
  ],
  [
    { policyTypes: ['Sideways'] },
    'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"',
  ],
];

const SECRETS: [string, Json, string][] = [
  ['tls', {}, '[data[tls.crt]: Required value, data[tls.key]: Required value]'],
  ['tls', { 'tls.crt': 'x' }, 'data[tls.key]: Required value'],
  ['dockerconfigjson', {}, 'data[.dockerconfigjson]: Required value'],
  ['dockercfg', {}, 'data[.dockercfg]: Required value'],
  ['basic-auth', {}, '[data[username]: Required value, data[password]: Required value]'],
  ['ssh-auth', { 'ssh-privatekey': '' }, 'data[ssh-privatekey]: Required value'],
  ['service-account-token', {}, 'metadata.annotations[kubernetes.io/service-account.name]: Required value'],
];

const LEASES: [Json, string | ChangedWords][] = [
  [{ leaseDurationSeconds: 0 }, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  [{ leaseTransitions: -1 }, `spec.leaseTransitions: Invalid value: -1: ${NOT_NEGATIVE}`],
];
