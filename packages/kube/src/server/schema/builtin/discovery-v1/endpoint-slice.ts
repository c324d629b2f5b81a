import { checkImmutable } from '../../check-object-meta.ts';
import { notSupported } from '../../field-error.ts';
import { getOwn, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { objectReference } from '../core-v1/object-reference.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, listAt, nameColumn, numberAt, objectsAt, textAt } from '../printer-column.ts';
import { always, bool, int32, list, mapOf, object, setOf, text } from '../shape.ts';

const addressTypes = ['IPv4', 'IPv6', 'FQDN'];

const endpoint = object(
  'One endpoint.',
  {
    addresses: setOf(text(''), 'Its addresses.'),
    conditions: always(
      object(
        'Its state.',
        {
          ready: bool('Whether it takes traffic.'),
          serving: bool('Whether it could take traffic, ending or not.'),
          terminating: bool('Whether it is ending.'),
        },
        { component: 'io.k8s.api.discovery.v1.EndpointConditions' },
      ),
    ),
    hostname: text('Host name.'),
    targetRef: objectReference,
    deprecatedTopology: mapOf(text(''), 'Deprecated.'),
    nodeName: text('Node that it is on.'),
    zone: text('Zone that it is in.'),
    hints: object(
      'Who should use it.',
      {
        forZones: list(
          object(
            'A zone.',
            { name: text('Name of the zone.') },
            {
              required: ['name'],
              component: 'io.k8s.api.discovery.v1.ForZone',
            },
          ),
          'Zones that should use it.',
        ),
      },
      { component: 'io.k8s.api.discovery.v1.EndpointHints' },
    ),
  },
  { required: ['addresses'], component: 'io.k8s.api.discovery.v1.Endpoint' },
);

const port = object(
  'A port.',
  {
    name: text('Name of the port.', { default: '' }),
    protocol: text('TCP, UDP or SCTP.', { default: 'TCP' }),
    port: int32('Number of the port.'),
    appProtocol: text('Protocol of the application.'),
  },
  { mapType: 'atomic', component: 'io.k8s.api.discovery.v1.EndpointPort' },
);

export const endpointSlice: BuiltinKind = builtinKind({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  hasGeneration: true,
  schema: kindObject(
    'io.k8s.api.discovery.v1.EndpointSlice',
    'Some of the endpoints of a Service.',
    {
      addressType: text('IPv4, IPv6 or FQDN; cannot change.'),
      endpoints: list(endpoint, 'The endpoints.'),
      ports: list(port, 'Ports of the endpoints.'),
    },
    { required: ['addressType', 'endpoints'] },
  ),
  columns: [
    nameColumn,
    column('AddressType', (object) => textAt(object, 'addressType')),
    column('Ports', portsOf),
    column('Endpoints', endpointsOf),
    ageColumn,
  ],
  complete: (object) => {
    if (!Array.isArray(getOwn(object, 'endpoints'))) object['endpoints'] = [];
  },
  check: (object, old) => {
    const type = textAt(object, 'addressType');
    if (!addressTypes.includes(type)) return [notSupported('addressType', type, addressTypes)];
    return old ? checkImmutable(type, getOwn(old, 'addressType'), 'addressType') : [];
  },
});

function portsOf(object: JsonObject): string {
  const ports = objectsAt(object, 'ports').map((entry) =>
    typeof getOwn(entry, 'port') === 'number' ? String(numberAt(entry, 'port')) : '*',
  );
  return ports.length === 0 ? '<unset>' : ports.join(',');
}

function endpointsOf(object: JsonObject): string {
  const addresses = objectsAt(object, 'endpoints').flatMap((entry) =>
    listAt(entry, 'addresses').filter((address) => typeof address === 'string'),
  );
  if (addresses.length === 0) return '<unset>';
  return addresses.length > 3
    ? `${addresses.slice(0, 3).join(',')} + ${addresses.length - 3} more...`
    : addresses.join(',');
}
