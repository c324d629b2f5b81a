import type { StructuralSchema } from '../../structural-schema.ts';
import { int32, int64, intOrString, list, object, text } from '../shape.ts';

const execAction = object(
  'A command run inside the container; exit status 0 is success.',
  { command: list(text(''), 'The command and its arguments; no shell is involved.') },
  { component: 'io.k8s.api.core.v1.ExecAction' },
);

const httpGetAction = object(
  'An HTTP GET.',
  {
    path: text('Path to ask for.', { default: '/' }),
    port: intOrString('Number or name of the port.'),
    host: text("Host to connect to; the pod's address by default."),
    scheme: text('HTTP or HTTPS.', { default: 'HTTP' }),
    httpHeaders: list(
      object(
        'A header of the request.',
        { name: text('Name of the header.'), value: text('Value of the header.') },
        { required: ['name', 'value'], component: 'io.k8s.api.core.v1.HTTPHeader' },
      ),
      'Headers of the request.',
    ),
  },
  { required: ['port'], component: 'io.k8s.api.core.v1.HTTPGetAction' },
);

const tcpSocketAction = object(
  'Opening a TCP connection.',
  {
    port: intOrString('Number or name of the port.'),
    host: text("Host to connect to; the pod's address by default."),
  },
  { required: ['port'], component: 'io.k8s.api.core.v1.TCPSocketAction' },
);

export const probe: StructuralSchema = object(
  'A check of a container: is it alive, or ready for traffic.',
  {
    exec: execAction,
    httpGet: httpGetAction,
    tcpSocket: tcpSocketAction,
    grpc: object(
      'A gRPC health check.',
      {
        port: int32('Port of the service.'),
        service: text('Service to name in the request.', { default: '' }),
      },
      { required: ['port'], component: 'io.k8s.api.core.v1.GRPCAction' },
    ),
    initialDelaySeconds: int32('Seconds after the start before the first check.'),
    timeoutSeconds: int32('Seconds after which a check has failed.', { default: 1 }),
    periodSeconds: int32('Seconds between checks.', { default: 10 }),
    successThreshold: int32('Successes in a row that make it healthy again.', { default: 1 }),
    failureThreshold: int32('Failures in a row that make it unhealthy.', { default: 3 }),
    terminationGracePeriodSeconds: int64('Grace given when this check fails, in seconds.'),
  },
  { component: 'io.k8s.api.core.v1.Probe' },
);

const lifecycleHandler = object(
  'An action at a point in the life of a container.',
  {
    exec: execAction,
    httpGet: httpGetAction,
    tcpSocket: tcpSocketAction,
    sleep: object(
      'Waiting.',
      { seconds: int64('Seconds to wait.') },
      { required: ['seconds'], component: 'io.k8s.api.core.v1.SleepAction' },
    ),
  },
  { component: 'io.k8s.api.core.v1.LifecycleHandler' },
);

export const lifecycle: StructuralSchema = object(
  'Actions at the start and the end of a container.',
  { postStart: lifecycleHandler, preStop: lifecycleHandler },
  { component: 'io.k8s.api.core.v1.Lifecycle' },
);
