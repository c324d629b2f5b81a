import { child, duplicate, invalid, notSupported, required, type FieldError } from '../../field-error.ts';
import { checkLabels } from '../../check-object-meta.ts';
import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber } from '../../names.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { condition } from '../meta-v1/condition.ts';
import {
  ageColumn,
  column,
  listAt,
  nameColumn,
  numberAt,
  objectsAt,
  textAt,
  valueAt,
} from '../printer-column.ts';
import { always, bool, int32, intOrString, list, listMap, mapOf, object, text } from '../shape.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const affinities = ['ClientIP', 'None'];

const servicePort = object(
  'A port of the service.',
  {
    name: text('Name, unique in the service; needed where there are several ports.'),
    protocol: text('TCP, UDP or SCTP.', { default: 'TCP' }),
    appProtocol: text('Protocol of the application.'),
    port: int32('Number of the port.'),
    targetPort: intOrString('Number or name of the port of the pods; the same number by default.'),
    nodePort: int32('Number of the port of every node.'),
  },
  { required: ['port'], component: 'io.k8s.api.core.v1.ServicePort' },
);

const spec = object(
  'Which pods it leads to, and how.',
  {
    ports: listMap(['port', 'protocol'], servicePort, { description: 'Ports of the service.' }),
    selector: mapOf(text(''), 'Labels of the pods.', { mapType: 'atomic' }),
    clusterIP: text('Address of the service; None for one without.'),
    clusterIPs: list(text(''), 'Addresses of the service, at most one of each family.'),
    type: text('ClusterIP, NodePort, LoadBalancer or ExternalName.', { default: 'ClusterIP' }),
    externalIPs: list(text(''), 'Further addresses that nodes accept.'),
    sessionAffinity: text('ClientIP or None.', { default: 'None' }),
    sessionAffinityConfig: object(
      'Settings of session affinity.',
      {
        clientIP: object(
          'Affinity by address.',
          { timeoutSeconds: int32('Seconds that it lasts.') },
          {
            component: 'io.k8s.api.core.v1.ClientIPConfig',
          },
        ),
      },
      { component: 'io.k8s.api.core.v1.SessionAffinityConfig' },
    ),
    loadBalancerIP: text('Deprecated.'),
    loadBalancerSourceRanges: list(text(''), 'Clients that a load balancer admits.'),
    externalName: text('DNS name that the service stands for.'),
    externalTrafficPolicy: text('Cluster or Local.'),
    healthCheckNodePort: int32('Port of health checks.'),
    publishNotReadyAddresses: bool('Whether pods count before they are ready.'),
    ipFamilies: list(text(''), 'IPv4, IPv6 or both.'),
    ipFamilyPolicy: text('SingleStack, PreferDualStack or RequireDualStack.'),
    allocateLoadBalancerNodePorts: bool('Whether load balancers get node ports.'),
    loadBalancerClass: text('Class of load balancer.'),
    internalTrafficPolicy: text('Cluster or Local.'),
    trafficDistribution: text('Which endpoints are preferred.'),
  },
  { component: 'io.k8s.api.core.v1.ServiceSpec' },
);

const ingress = object(
  'An address of the load balancer.',
  {
    ip: text('Address.'),
    hostname: text('Host name.'),
    ipMode: text('VIP or Proxy.'),
    ports: list(
      object(
        'State of a port.',
        {
          port: int32('Number of the port.'),
          protocol: text('TCP, UDP or SCTP.'),
          error: text('What is wrong with it.'),
        },
        { required: ['port', 'protocol'], component: 'io.k8s.api.core.v1.PortStatus' },
      ),
      'State of the ports.',
    ),
  },
  { component: 'io.k8s.api.core.v1.LoadBalancerIngress' },
);

const status = object(
  'What is known of the service.',
  {
    loadBalancer: always(
      object(
        'State of the load balancer.',
        { ingress: list(ingress, 'Its addresses.') },
        {
          component: 'io.k8s.api.core.v1.LoadBalancerStatus',
        },
      ),
    ),
    conditions: listMap(['type'], condition, { description: 'Latest observations of the state.' }),
  },
  { component: 'io.k8s.api.core.v1.ServiceStatus' },
);

export const service: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  subresources: ['status'],
  nameRule: 'dns-1035-label',
  schema: kindObject('io.k8s.api.core.v1.Service', 'A name and address for a set of pods.', {
    spec: always(spec),
    status: always(status),
  }),
  columns: [
    nameColumn,
    column('Type', (object) => textAt(object, 'spec', 'type')),
    column('Cluster-IP', (object) => textAt(object, 'spec', 'clusterIP') || '<none>'),
    column('External-IP', externalAddressOf),
    column('Port(s)', portsOf),
    ageColumn,
    column('Selector', selectorOf, { wide: true }),
  ],
  complete,
  check,
});

function complete(object: JsonObject): void {
  const spec = valueAt(object, 'spec');
  if (!isJsonObject(spec)) return;
  const type = textAt(spec, 'type');
  for (const port of objectsAt(spec, 'ports')) {
    if (getOwn(port, 'targetPort') === undefined) port['targetPort'] = getOwn(port, 'port') ?? 0;
  }
  if (type !== 'ExternalName' && textAt(spec, 'internalTrafficPolicy') === '')
    spec['internalTrafficPolicy'] = 'Cluster';
  if ((type === 'NodePort' || type === 'LoadBalancer') && textAt(spec, 'externalTrafficPolicy') === '') {
    spec['externalTrafficPolicy'] = 'Cluster';
  }
  if (type === 'LoadBalancer' && getOwn(spec, 'allocateLoadBalancerNodePorts') === undefined) {
    spec['allocateLoadBalancerNodePorts'] = true;
  }
}

function check(object: JsonObject, old: JsonObject | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const type = textAt(object, 'spec', 'type');
  const ports = objectsAt(object, 'spec', 'ports');
  const headless = textAt(object, 'spec', 'clusterIP') === 'None';
  if (ports.length === 0 && !headless && type !== 'ExternalName') errors.push(required('spec.ports'));
  if (headless && (type === 'LoadBalancer' || type === 'NodePort')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (type === 'ExternalName') errors.push(...checkExternalName(textAt(object, 'spec', 'externalName')));
  const names = new Set<string>();
  for (const [index, port] of ports.entries())
    errors.push(...checkPort(port, `spec.ports[${index}]`, ports.length > 1, names));
  errors.push(...checkLabels(valueAt(object, 'spec', 'selector'), 'spec.selector'));
  const affinity = textAt(object, 'spec', 'sessionAffinity');
  if (!affinities.includes(affinity)) errors.push(notSupported('spec.sessionAffinity', affinity, affinities));
  const before = old && textAt(old, 'spec', 'clusterIP');
  const after = textAt(object, 'spec', 'clusterIP');
  if (
    old &&
    before &&
    type !== 'ExternalName' &&
    textAt(old, 'spec', 'type') !== 'ExternalName' &&
    before !== after
  ) {
    const addresses = listAt(object, 'spec', 'clusterIPs');
    errors.push(
      invalid(
        'spec.clusterIPs[0]',
        addresses.length > 0 ? addresses : null,
        addresses.length > 0 ? 'may not change once set' : 'primary clusterIP can not be unset',
      ),
    );
  }
  return errors;
}

/** A DNS name that may end with a dot. */
function checkExternalName(name: string): FieldError[] {
  const at = 'spec.externalName';
  const plain = name.replace(/\.$/, '');
  return plain === '' ? [required(at)] : checkDnsSubdomain(plain).map((why) => invalid(at, plain, why));
}

function checkPort(port: JsonObject, path: string, needsName: boolean, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(port, 'name');
  if (name === '' && needsName) errors.push(required(child(path, 'name')));
  if (name !== '') {
    errors.push(...checkDnsLabel(name).map((why) => invalid(child(path, 'name'), name, why)));
    if (names.has(name)) errors.push(duplicate(child(path, 'name'), name));
    names.add(name);
  }
  const number = numberAt(port, 'port');
  errors.push(...checkPortNumber(number).map((why) => invalid(child(path, 'port'), number, why)));
  const protocol = textAt(port, 'protocol');
  if (!protocols.includes(protocol)) errors.push(notSupported(child(path, 'protocol'), protocol, protocols));
  const target = getOwn(port, 'targetPort');
  if (typeof target === 'number') {
    errors.push(...checkPortNumber(target).map((why) => invalid(child(path, 'targetPort'), target, why)));
  } else if (typeof target === 'string') {
    errors.push(...checkPortName(target).map((why) => invalid(child(path, 'targetPort'), target, why)));
  }
  return errors;
}

function externalAddressOf(object: JsonObject): string {
  switch (textAt(object, 'spec', 'type')) {
    case 'ExternalName':
      return textAt(object, 'spec', 'externalName');
    case 'LoadBalancer': {
      const addresses = objectsAt(object, 'status', 'loadBalancer', 'ingress').map(
        (entry) => textAt(entry, 'ip') || textAt(entry, 'hostname'),
      );
      return addresses.join(',') || '<pending>';
    }
    default:
      return (
        listAt(object, 'spec', 'externalIPs')
          .filter((address) => typeof address === 'string')
          .join(',') || '<none>'
      );
  }
}

function portsOf(object: JsonObject): string {
  const ports = objectsAt(object, 'spec', 'ports').map((port) => {
    const nodePort = numberAt(port, 'nodePort');
    return `${numberAt(port, 'port')}${nodePort > 0 ? `:${nodePort}` : ''}/${textAt(port, 'protocol')}`;
  });
  return ports.join(',') || '<none>';
}

function selectorOf(object: JsonObject): string {
  const selector = valueAt(object, 'spec', 'selector');
  if (!isJsonObject(selector) || Object.keys(selector).length === 0) return '<none>';
  return Object.keys(selector)
    .toSorted()
    .map((key) => `${key}=${textAt(selector, key)}`)
    .join(',');
}
