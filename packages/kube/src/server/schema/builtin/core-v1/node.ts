import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import { ageColumn, column, nameColumn, objectsAt, textAt, valueAt } from '../printer-column.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import {
  always,
  bool,
  foreign,
  int32,
  int64,
  list,
  listMap,
  mapOf,
  object,
  quantity,
  setOf,
  text,
  time,
  zeroTime,
} from '../shape.ts';

const systemText = (description: string) => text(description, { default: '' });

const nodeInfo = object(
  'What the machine is and runs.',
  {
    machineID: systemText('Identity of the machine.'),
    systemUUID: systemText('Identity of the hardware.'),
    bootID: systemText('Identity of the boot.'),
    kernelVersion: systemText('Version of the kernel.'),
    osImage: systemText('Name of the operating system and its version.'),
    containerRuntimeVersion: systemText('Container runtime and its version.'),
    kubeletVersion: systemText('Version of the kubelet.'),
    kubeProxyVersion: systemText('Deprecated version of kube-proxy.'),
    operatingSystem: systemText('linux or windows.'),
    architecture: systemText('Architecture of the processor.'),
  },
  { component: 'io.k8s.api.core.v1.NodeSystemInfo' },
);

const spec = object(
  'How the node is to be used.',
  {
    podCIDR: text('Range of addresses of its pods.'),
    podCIDRs: setOf(text(''), 'Ranges of addresses of its pods, at most one of each family.', {
      patchStrategy: 'merge',
    }),
    providerID: text('Identity at the provider of the machine.'),
    unschedulable: bool('Whether new pods stay away.'),
    taints: list(
      object(
        'Keeps pods away that do not tolerate it.',
        {
          key: text('Key of the taint.'),
          value: text('Value of the taint.'),
          effect: text('NoSchedule, PreferNoSchedule or NoExecute.'),
          timeAdded: time('When it was added.'),
        },
        { required: ['key', 'effect'], component: 'io.k8s.api.core.v1.Taint' },
      ),
      'Keep pods away that do not tolerate them.',
    ),
    configSource: foreign('io.k8s.api.core.v1.NodeConfigSource', 'Deprecated.'),
    externalID: text('Deprecated.'),
  },
  { component: 'io.k8s.api.core.v1.NodeSpec' },
);

const daemonEndpoints = object(
  'Ports of the daemons on the node.',
  {
    kubeletEndpoint: always(
      object(
        'Port of the kubelet.',
        { Port: int32('Number of the port.', { default: 0 }) },
        {
          component: 'io.k8s.api.core.v1.DaemonEndpoint',
        },
      ),
    ),
  },
  { component: 'io.k8s.api.core.v1.NodeDaemonEndpoints' },
);

const status = object(
  'What is known of the node.',
  {
    capacity: mapOf(quantity(''), 'Resources of the machine.'),
    allocatable: mapOf(quantity(''), 'Resources for pods.'),
    phase: text('Deprecated.'),
    conditions: conditionsOf('io.k8s.api.core.v1.NodeCondition', {
      lastHeartbeatTime: zeroTime('When it was last told.'),
    }),
    addresses: listMap(
      ['type'],
      object(
        'An address.',
        {
          type: text('InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS.'),
          address: text('The address.'),
        },
        {
          required: ['type', 'address'],
          component: 'io.k8s.api.core.v1.NodeAddress',
        },
      ),
      { description: 'Addresses of the node.' },
    ),
    daemonEndpoints: always(daemonEndpoints),
    nodeInfo: always(nodeInfo),
    images: list(
      object(
        'An image.',
        { names: list(text(''), 'Its names.'), sizeBytes: int64('Its size in bytes.') },
        {
          component: 'io.k8s.api.core.v1.ContainerImage',
        },
      ),
      'Images on the node.',
    ),
    volumesInUse: list(text(''), 'Volumes that are in use.'),
    volumesAttached: list(
      object(
        'A volume.',
        { name: text('Name of the volume.'), devicePath: text('Path of its device.') },
        {
          required: ['name', 'devicePath'],
          component: 'io.k8s.api.core.v1.AttachedVolume',
        },
      ),
      'Volumes that are attached.',
    ),
    config: foreign('io.k8s.api.core.v1.NodeConfigStatus', 'Deprecated.'),
    runtimeHandlers: list(
      foreign('io.k8s.api.core.v1.NodeRuntimeHandler', 'A runtime handler.'),
      'Runtime handlers.',
    ),
    features: foreign('io.k8s.api.core.v1.NodeFeatures', 'Features of the runtime.'),
  },
  { component: 'io.k8s.api.core.v1.NodeStatus' },
);

export const node: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  subresources: ['status'],
  schema: kindObject('io.k8s.api.core.v1.Node', 'A machine that runs pods.', {
    spec: always(spec),
    status: always(status),
  }),
  columns: [
    nameColumn,
    column('Status', statusOf, { description: 'Whether the node is ready.' }),
    column('Roles', rolesOf),
    ageColumn,
    column('Version', (object) => textAt(object, 'status', 'nodeInfo', 'kubeletVersion')),
    column('Internal-IP', (object) => addressOf(object, 'InternalIP'), { wide: true }),
    column('External-IP', (object) => addressOf(object, 'ExternalIP'), { wide: true }),
    column('OS-Image', (object) => infoOf(object, 'osImage'), { wide: true }),
    column('Kernel-Version', (object) => infoOf(object, 'kernelVersion'), { wide: true }),
    column('Container-Runtime', (object) => infoOf(object, 'containerRuntimeVersion'), { wide: true }),
  ],
});

function statusOf(object: JsonObject): string {
  const ready = objectsAt(object, 'status', 'conditions').find((condition) => condition['type'] === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady'];
  if (valueAt(object, 'spec', 'unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesOf(object: JsonObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const labels = valueAt(object, 'metadata', 'labels');
  const roles = isJsonObject(labels)
    ? Object.keys(labels)
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length))
    : [];
  return roles.length === 0 ? '<none>' : roles.toSorted().join(',');
}

function addressOf(object: JsonObject, type: string): string {
  const found = objectsAt(object, 'status', 'addresses').find((address) => address['type'] === type);
  return (found && textAt(found, 'address')) || '<none>';
}

function infoOf(object: JsonObject, field: string): string {
  return textAt(object, 'status', 'nodeInfo', field) || '<unknown>';
}
