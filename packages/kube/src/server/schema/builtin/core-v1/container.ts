import type { StructuralSchema } from '../../structural-schema.ts';
import { always, bool, int32, list, listMap, object, text } from '../shape.ts';
import { envFromSource, envVar } from './env.ts';
import { lifecycle, probe } from './probe.ts';
import { resourceRequirements } from './resources.ts';
import { securityContext } from './security-context.ts';

const containerPort = object(
  'A port that the container listens on.',
  {
    name: text('Name that Services may refer to.'),
    containerPort: int32('Number of the port, 1 to 65535.'),
    hostPort: int32('Number of a port of the node that leads here.'),
    hostIP: text("The node's address that the host port is bound to."),
    protocol: text('TCP, UDP or SCTP.', { default: 'TCP' }),
  },
  { required: ['containerPort'], component: 'io.k8s.api.core.v1.ContainerPort' },
);

const volumeMount = object(
  'A volume inside the container.',
  {
    name: text('Name of the volume in the pod.'),
    mountPath: text('Where it is mounted.'),
    subPath: text('Path inside the volume.'),
    subPathExpr: text('The same with $(NAME) expanded.'),
    readOnly: bool('Whether it cannot be written.'),
    recursiveReadOnly: text('Whether mounts below are read-only, too.'),
    mountPropagation: text('How mounts propagate.'),
  },
  { required: ['name', 'mountPath'], component: 'io.k8s.api.core.v1.VolumeMount' },
);

const containerProperties = {
  name: text('Name, a DNS label, unique in the pod.'),
  image: text('Image to run.'),
  command: list(text(''), "Replaces the image's entry point."),
  args: list(text(''), "Replaces the image's arguments."),
  workingDir: text('Working directory.'),
  ports: listMap(['containerPort', 'protocol'], containerPort, {
    description: 'Ports that the container listens on.',
  }),
  env: listMap(['name'], envVar, { description: 'Environment variables.' }),
  envFrom: list(envFromSource, 'Objects whose keys become environment variables.'),
  resources: always(resourceRequirements),
  resizePolicy: list(
    object(
      'What a change of a resource does.',
      {
        resourceName: text('Name of the resource.'),
        restartPolicy: text('NotRequired or RestartContainer.'),
      },
      { required: ['resourceName', 'restartPolicy'], component: 'io.k8s.api.core.v1.ContainerResizePolicy' },
    ),
    'What changes of resources do.',
  ),
  restartPolicy: text('Always makes an init container run beside the others.'),
  volumeMounts: listMap(['mountPath'], volumeMount, { description: 'Volumes inside the container.' }),
  volumeDevices: listMap(
    ['devicePath'],
    object(
      'A block device inside the container.',
      { name: text('Name of the claim in the pod.'), devicePath: text('Path of the device.') },
      { required: ['name', 'devicePath'], component: 'io.k8s.api.core.v1.VolumeDevice' },
    ),
    { description: 'Block devices inside the container.' },
  ),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  lifecycle,
  terminationMessagePath: text('File with the last words.', { default: '/dev/termination-log' }),
  terminationMessagePolicy: text('Where last words come from.', { default: 'File' }),
  imagePullPolicy: text('Always, Never or IfNotPresent.'),
  securityContext,
  stdin: bool('Whether standard input is kept open.'),
  stdinOnce: bool('Whether standard input ends with the first client.'),
  tty: bool('Whether it has a terminal.'),
};

export const container: StructuralSchema = object('A program that the pod runs.', containerProperties, {
  required: ['name'],
  component: 'io.k8s.api.core.v1.Container',
});

export const ephemeralContainer: StructuralSchema = object(
  'A container added to a running pod.',
  { ...containerProperties, targetContainerName: text('Container whose namespaces it shares.') },
  { required: ['name'], component: 'io.k8s.api.core.v1.EphemeralContainer' },
);
