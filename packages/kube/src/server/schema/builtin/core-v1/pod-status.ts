import type { StructuralSchema } from '../../structural-schema.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import {
  always,
  bool,
  int32,
  int64,
  list,
  listMap,
  mapOf,
  object,
  quantity,
  text,
  time,
  zeroTime,
} from '../shape.ts';
import { resourceRequirements } from './resources.ts';

const containerState = object(
  'What a container is doing.',
  {
    waiting: object(
      'It has not started.',
      { reason: text('Word that tells why.'), message: text('Sentence that tells why.') },
      {
        component: 'io.k8s.api.core.v1.ContainerStateWaiting',
      },
    ),
    running: object(
      'It runs.',
      { startedAt: time('When it started.') },
      {
        component: 'io.k8s.api.core.v1.ContainerStateRunning',
      },
    ),
    terminated: object(
      'It has ended.',
      {
        exitCode: int32('Exit status.'),
        signal: int32('Signal that ended it.'),
        reason: text('Word that tells why.'),
        message: text('Last words.'),
        startedAt: time('When it started.'),
        finishedAt: time('When it ended.'),
        containerID: text('Identity in the runtime.'),
      },
      { required: ['exitCode'], component: 'io.k8s.api.core.v1.ContainerStateTerminated' },
    ),
  },
  { component: 'io.k8s.api.core.v1.ContainerState' },
);

const containerStatus = object(
  'State of one container.',
  {
    name: text('Name of the container.'),
    state: always(containerState),
    lastState: always(containerState),
    ready: bool('Whether it passes its readiness check.'),
    restartCount: int32('How often it was restarted.'),
    image: text('Image that it runs.'),
    imageID: text('Identity of the image.'),
    containerID: text('Identity in the runtime.'),
    started: bool('Whether it passed its startup check.'),
    allocatedResources: mapOf(quantity(''), 'Resources set aside for it.'),
    allocatedResourcesStatus: listMap(
      ['name'],
      object(
        'Health of one resource.',
        {
          name: text('Name of the resource.'),
          resources: listMap(
            ['resourceID'],
            object(
              'Health of one device.',
              { resourceID: text('Identity of the device.'), health: text('Healthy, Unhealthy or Unknown.') },
              { required: ['resourceID'], component: 'io.k8s.api.core.v1.ResourceHealth' },
            ),
            { description: 'Health of each device.', mergeKey: false },
          ),
        },
        { required: ['name'], component: 'io.k8s.api.core.v1.ResourceStatus' },
      ),
      { description: 'Health of resources.' },
    ),
    resources: resourceRequirements,
    volumeMounts: listMap(
      ['mountPath'],
      object(
        'A mounted volume.',
        {
          name: text('Name of the volume.'),
          mountPath: text('Where it is mounted.'),
          readOnly: bool('Whether it cannot be written.'),
          recursiveReadOnly: text('Whether mounts below are read-only, too.'),
        },
        { required: ['name', 'mountPath'], component: 'io.k8s.api.core.v1.VolumeMountStatus' },
      ),
      { description: 'Mounted volumes.' },
    ),
    user: object(
      'Who it runs as.',
      {
        linux: object(
          'User and groups.',
          {
            uid: int64('User.'),
            gid: int64('Group.'),
            supplementalGroups: list(int64(''), 'Further groups.'),
          },
          { required: ['uid', 'gid'], component: 'io.k8s.api.core.v1.LinuxContainerUser' },
        ),
      },
      { component: 'io.k8s.api.core.v1.ContainerUser' },
    ),
  },
  {
    required: ['name', 'ready', 'restartCount', 'image', 'imageID'],
    component: 'io.k8s.api.core.v1.ContainerStatus',
  },
);

function address(component: string): StructuralSchema {
  return object('An address.', { ip: text('The address.') }, { required: ['ip'], component });
}

export const podStatus: StructuralSchema = object(
  'What is known of a pod; written by its node.',
  {
    phase: text('Pending, Running, Succeeded, Failed or Unknown.'),
    conditions: conditionsOf('io.k8s.api.core.v1.PodCondition', {
      lastProbeTime: zeroTime('When it was last checked.'),
    }),
    message: text('Sentence that tells why it is so.'),
    reason: text('Word that tells why it is so.'),
    nominatedNodeName: text('Node that is being freed for it.'),
    hostIP: text('Address of its node.'),
    hostIPs: list(address('io.k8s.api.core.v1.HostIP'), 'Addresses of its node.', {
      patchStrategy: 'merge',
      patchMergeKey: 'ip',
    }),
    podIP: text('Its address.'),
    podIPs: listMap(['ip'], address('io.k8s.api.core.v1.PodIP'), { description: 'Its addresses.' }),
    startTime: time('When its node took it up.'),
    initContainerStatuses: list(containerStatus, 'States of the init containers.'),
    containerStatuses: list(containerStatus, 'States of the containers.'),
    ephemeralContainerStatuses: list(containerStatus, 'States of the ephemeral containers.'),
    qosClass: text('Guaranteed, Burstable or BestEffort.'),
    resize: text('State of a change of resources.'),
    resourceClaimStatuses: listMap(
      ['name'],
      object(
        'A claim made for the pod.',
        { name: text('Name in the pod.'), resourceClaimName: text('Name of the claim.') },
        { required: ['name'], component: 'io.k8s.api.core.v1.PodResourceClaimStatus' },
      ),
      { description: 'Claims made for the pod.', patchStrategy: 'merge,retainKeys' },
    ),
  },
  { component: 'io.k8s.api.core.v1.PodStatus' },
);
