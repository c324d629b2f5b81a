import type { JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, numberAt, objectsAt, textAt } from '../printer-column.ts';
import { int32, list, object, text } from '../shape.ts';
import { objectReference } from './object-reference.ts';

const address = object(
  'An address.',
  {
    ip: text('The address.'),
    hostname: text('Host name.'),
    nodeName: text('Node that it is on.'),
    targetRef: objectReference,
  },
  { required: ['ip'], mapType: 'atomic', component: 'io.k8s.api.core.v1.EndpointAddress' },
);

const port = object(
  'A port.',
  {
    name: text('Name of the port.'),
    port: int32('Number of the port.'),
    protocol: text('TCP, UDP or SCTP.', { default: 'TCP' }),
    appProtocol: text('Protocol of the application.'),
  },
  { required: ['port'], mapType: 'atomic', component: 'io.k8s.api.core.v1.EndpointPort' },
);

export const endpoints: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  schema: kindObject('io.k8s.api.core.v1.Endpoints', 'Addresses behind a Service.', {
    subsets: list(
      object(
        'Addresses with the same ports.',
        {
          addresses: list(address, 'Addresses that are ready.'),
          notReadyAddresses: list(address, 'Addresses that are not ready.'),
          ports: list(port, 'Ports of the addresses.'),
        },
        { component: 'io.k8s.api.core.v1.EndpointSubset' },
      ),
      'All addresses.',
    ),
  }),
  columns: [nameColumn, column('Endpoints', endpointsOf), ageColumn],
});

function endpointsOf(object: JsonObject): string {
  const shown = objectsAt(object, 'subsets').flatMap((subset) => {
    const ports = objectsAt(subset, 'ports').map((entry) => numberAt(entry, 'port'));
    return objectsAt(subset, 'addresses').flatMap((entry) => {
      const ip = textAt(entry, 'ip');
      return ports.length === 0
        ? [ip]
        : ports.map((number) => `${ip.includes(':') ? `[${ip}]` : ip}:${number}`);
    });
  });
  if (shown.length === 0) return '<none>';
  return shown.length > 3 ? `${shown.slice(0, 3).join(',')} + ${shown.length - 3} more...` : shown.join(',');
}
