import type { StructuralSchema } from '../../structural-schema.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { objectMeta } from '../meta-v1/object-meta.ts';
import { always, bool, int32, int64, list, listMap, mapOf, object, quantity, text } from '../shape.ts';
import { affinity } from './affinity.ts';
import { container, ephemeralContainer } from './container.ts';
import { localObjectReference } from './env.ts';
import { resourceRequirements } from './resources.ts';
import { podSecurityContext } from './security-context.ts';
import { volume } from './volume.ts';

const toleration = object(
  'A taint that the pod may live with.',
  {
    key: text('Key of the taint; empty for all.'),
    operator: text('Exists or Equal.'),
    value: text('Value of the taint.'),
    effect: text('NoSchedule, PreferNoSchedule or NoExecute; empty for all.'),
    tolerationSeconds: int64('Seconds that a NoExecute taint is tolerated.'),
  },
  { component: 'io.k8s.api.core.v1.Toleration' },
);

const topologySpreadConstraint = object(
  'How matching pods spread over the topology.',
  {
    maxSkew: int32('How uneven it may be.'),
    topologyKey: text("Nodes' label that tells the parts of the topology."),
    whenUnsatisfiable: text('DoNotSchedule or ScheduleAnyway.'),
    labelSelector,
    minDomains: int32('Least number of parts.'),
    nodeAffinityPolicy: text("Whether the pod's node affinity counts."),
    nodeTaintsPolicy: text('Whether taints of nodes count.'),
    matchLabelKeys: list(text(''), 'Label keys taken from the incoming pod.'),
  },
  {
    required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
    component: 'io.k8s.api.core.v1.TopologySpreadConstraint',
  },
);

/** `spec` of a Pod and of the templates of apps/v1. */
export const podSpec: StructuralSchema = object(
  'What a pod runs, and where and how.',
  {
    volumes: listMap(['name'], volume, {
      description: 'Volumes that containers may mount.',
      patchStrategy: 'merge,retainKeys',
    }),
    initContainers: listMap(['name'], container, {
      description: 'Containers that run one after another before the others.',
    }),
    containers: listMap(['name'], container, { description: 'Containers that run side by side.' }),
    ephemeralContainers: listMap(['name'], ephemeralContainer, {
      description: 'Containers added to the running pod.',
    }),
    restartPolicy: text('Always, OnFailure or Never.', { default: 'Always' }),
    terminationGracePeriodSeconds: int64('Seconds to end gracefully.', { default: 30 }),
    activeDeadlineSeconds: int64('Seconds that the pod may be active.'),
    dnsPolicy: text('ClusterFirst, ClusterFirstWithHostNet, Default or None.', { default: 'ClusterFirst' }),
    nodeSelector: mapOf(text(''), 'Labels that the node must have.', { mapType: 'atomic' }),
    serviceAccountName: text('Service account that the pod runs as.'),
    serviceAccount: text('Deprecated alias of serviceAccountName.'),
    automountServiceAccountToken: bool('Whether a token is mounted.'),
    nodeName: text('Node that the pod runs on; set by the scheduler.'),
    hostNetwork: bool("Whether it uses the node's network."),
    hostPID: bool("Whether it sees the node's processes."),
    hostIPC: bool("Whether it uses the node's IPC."),
    hostUsers: bool("Whether it uses the node's user namespace."),
    shareProcessNamespace: bool('Whether the containers see each other’s processes.'),
    securityContext: podSecurityContext,
    imagePullSecrets: listMap(['name'], localObjectReference, { description: 'Secrets for pulling images.' }),
    hostname: text('Host name of the pod.'),
    subdomain: text('Subdomain of the pod’s full name.'),
    setHostnameAsFQDN: bool('Whether the host name is the full name.'),
    affinity,
    schedulerName: text('Scheduler that places the pod.', { default: 'default-scheduler' }),
    tolerations: list(toleration, 'Taints that the pod may live with.'),
    hostAliases: listMap(
      ['ip'],
      object(
        'An entry of /etc/hosts.',
        { ip: text('Address.'), hostnames: list(text(''), 'Its names.') },
        { required: ['ip'], component: 'io.k8s.api.core.v1.HostAlias' },
      ),
      { description: 'Entries of /etc/hosts.' },
    ),
    priorityClassName: text('Class of priority.'),
    priority: int32('Priority; higher is more important.'),
    preemptionPolicy: text('PreemptLowerPriority or Never.'),
    dnsConfig: object(
      'DNS settings beside the policy.',
      {
        nameservers: list(text(''), 'Addresses of servers.'),
        searches: list(text(''), 'Search domains.'),
        options: list(
          object(
            'A resolver option.',
            { name: text('Name.'), value: text('Value.') },
            {
              component: 'io.k8s.api.core.v1.PodDNSConfigOption',
            },
          ),
          'Resolver options.',
        ),
      },
      { component: 'io.k8s.api.core.v1.PodDNSConfig' },
    ),
    readinessGates: list(
      object(
        'A condition that readiness waits for.',
        { conditionType: text('Type of the condition.') },
        {
          required: ['conditionType'],
          component: 'io.k8s.api.core.v1.PodReadinessGate',
        },
      ),
      'Conditions that readiness waits for.',
    ),
    runtimeClassName: text('Class of container runtime.'),
    enableServiceLinks: bool('Whether Services become environment variables.'),
    overhead: mapOf(quantity(''), 'Resources that running the pod itself takes.'),
    topologySpreadConstraints: listMap(['topologyKey', 'whenUnsatisfiable'], topologySpreadConstraint, {
      description: 'How matching pods spread over the topology.',
    }),
    os: object(
      'Operating system that the pod needs.',
      { name: text('linux or windows.') },
      {
        required: ['name'],
        component: 'io.k8s.api.core.v1.PodOS',
      },
    ),
    schedulingGates: listMap(
      ['name'],
      object(
        'Holds back scheduling.',
        { name: text('Name of the gate.') },
        {
          required: ['name'],
          component: 'io.k8s.api.core.v1.PodSchedulingGate',
        },
      ),
      { description: 'Hold back scheduling while there is one.' },
    ),
    resourceClaims: listMap(
      ['name'],
      object(
        'A claim for devices.',
        {
          name: text('Name in the pod.'),
          resourceClaimName: text('Claim in the same namespace.'),
          resourceClaimTemplateName: text('Template of the claim.'),
        },
        { required: ['name'], component: 'io.k8s.api.core.v1.PodResourceClaim' },
      ),
      { description: 'Claims for devices.', patchStrategy: 'merge,retainKeys' },
    ),
    resources: resourceRequirements,
  },
  { required: ['containers'], component: 'io.k8s.api.core.v1.PodSpec' },
);

/** `template` of the kinds that make pods. */
export const podTemplateSpec: StructuralSchema = object(
  'What the pods made from it look like.',
  { metadata: always(objectMeta), spec: always(podSpec) },
  { component: 'io.k8s.api.core.v1.PodTemplateSpec' },
);
