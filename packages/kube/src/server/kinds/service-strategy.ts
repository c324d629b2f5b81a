import { isIP } from 'node:net';
import type { KubeObject } from '../model/kube-object.ts';
import { readPath } from '../model/read-path.ts';
import type { FieldError } from '../schema/field-error.ts';
import { invalid, notSupported } from '../schema/field-error.ts';
import { goStrings } from '../schema/go-print.ts';
import type { Strategy, StrategyContext } from './resource-definition.ts';

/** Kubernetes' usual ranges; the lab's clusters all have these. */
const CLUSTER_IP_RANGE = '10.96.0.0/12';
const CLUSTER_IP_FIRST = ipv4Number('10.96.0.0');
const CLUSTER_IP_COUNT = 2 ** 20;
const NODE_PORT_FIRST = 30_000;
const NODE_PORT_COUNT = 2768;
const NODE_PORT_END = NODE_PORT_FIRST + NODE_PORT_COUNT;
const MAX_TRIES = 64;

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const SERVICES = { group: '', name: 'services' };

interface ServicePort {
  readonly name?: string;
  nodePort?: number;
}

/** Services: each gets a cluster IP of its own, and node ports where its type has them. */
export const serviceStrategy: Strategy = {
  createOnUpdate: true,
  returnsDeleted: true,
  applyDefaults: (service) => {
    const spec = specOf(service);
    if (spec?.['sessionAffinity'] === 'ClientIP')
      spec['sessionAffinityConfig'] ??= { clientIP: { timeoutSeconds: 10_800 } };
  },
  prepareForCreate: (service, context) => {
    service['status'] = { loadBalancer: {} };
    allocate(service, context);
  },
  prepareForUpdate: (service, old, context) => {
    const spec = specOf(service);
    const before = specOf(old);
    if (!spec || !before) return;
    if (hasClusterIP(spec) && hasClusterIP(before)) {
      spec['clusterIP'] ||= before['clusterIP'];
      spec['clusterIPs'] ??= before['clusterIPs'];
    }
    if (hasNodePorts(spec) && hasNodePorts(before)) keepNodePorts(portsOf(service), portsOf(old));
    allocate(service, context);
    dropWhatTypeHasNot(service, old);
  },
  validate: (service, context) => [
    ...typeErrors(service),
    ...trafficPolicyErrors(service),
    ...addressErrors(service),
    ...takenAddress(service, context),
    ...nodePortErrors(service, context),
  ],
  validateUpdate: (service, _old, context) => [
    ...typeErrors(service),
    ...trafficPolicyErrors(service),
    ...addressErrors(service),
    ...nodePortErrors(service, context),
  ],
};

function allocate(service: KubeObject, context: StrategyContext): void {
  const spec = specOf(service);
  if (!spec) return;
  if (!hasClusterIP(spec)) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'])
      delete spec[field];
    return;
  }
  spec['clusterIP'] ||= freeAddress(context);
  spec['clusterIPs'] ??= [spec['clusterIP']];
  spec['ipFamilies'] ??= [String(spec['clusterIP']).includes(':') ? 'IPv6' : 'IPv4'];
  spec['ipFamilyPolicy'] ||= 'SingleStack';
  if (!hasNodePorts(spec)) return;
  const taken = new Set(
    context.list(SERVICES).flatMap((other) => portsOf(other).map(({ nodePort }) => nodePort)),
  );
  let made = NODE_PORT_END;
  for (const port of portsOf(service)) {
    if (port.nodePort) continue;
    // A dry run says any port, outside of the range.
    if (context.dryRun) {
      port.nodePort = ++made;
      continue;
    }
    port.nodePort = pick(NODE_PORT_FIRST, NODE_PORT_COUNT, context, (candidate) => !taken.has(candidate));
    taken.add(port.nodePort);
  }
}

function freeAddress(context: StrategyContext): string {
  // A dry run says the address that no Service has.
  if (context.dryRun) return ipv4Text(CLUSTER_IP_FIRST);
  const taken = new Set(context.list(SERVICES).map((other) => readPath(other, ['spec', 'clusterIP'])));
  // The first addresses are left to those who ask for one by name.
  const first = CLUSTER_IP_FIRST + 256;
  return ipv4Text(
    pick(first, CLUSTER_IP_COUNT - 512, context, (candidate) => !taken.has(ipv4Text(candidate))),
  );
}

function pick(
  first: number,
  count: number,
  { random }: StrategyContext,
  isFree: (candidate: number) => boolean,
): number {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const candidate = first + Math.floor(random() * count);
    if (isFree(candidate)) return candidate;
  }
  for (let candidate = first; candidate < first + count; candidate++) if (isFree(candidate)) return candidate;
  throw new Error('the range is used up');
}

function takenAddress(service: KubeObject, context: StrategyContext): FieldError[] {
  const address = readPath(service, ['spec', 'clusterIP']);
  if (typeof address !== 'string' || address === '' || address === 'None') return [];
  const holder = context
    .list(SERVICES)
    .find(
      (other) =>
        other.metadata.uid !== service.metadata.uid && readPath(other, ['spec', 'clusterIP']) === address,
    );
  if (!holder) return [];
  return [
    invalid(
      'spec.clusterIPs',
      goStrings([address]),
      `failed to allocate IP ${address}: provided IP is already allocated`,
    ),
  ];
}

function typeErrors(service: KubeObject): FieldError[] {
  const type = readPath(service, ['spec', 'type']);
  return typeof type === 'string' && !TYPES.includes(type) ? [notSupported('spec.type', type, TYPES)] : [];
}

/** Only what is reached from outside has a policy for that. */
function trafficPolicyErrors(service: KubeObject): FieldError[] {
  const spec = specOf(service) ?? {};
  const policy = spec['externalTrafficPolicy'];
  if (isExposed(spec) || typeof policy !== 'string' || policy === '') return [];
  return [
    invalid('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services'),
  ];
}

/** What is wrong with an address that was asked for. */
function addressErrors(service: KubeObject): FieldError[] {
  const address = readPath(service, ['spec', 'clusterIP']);
  if (typeof address !== 'string' || address === '' || address === 'None') return [];
  const family = isIP(address);
  if (family === 0) {
    const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
    return [invalid('spec.clusterIPs[0]', address, why)];
  }
  if (family === 6) {
    return [invalid('spec.clusterIPs[0]', goStrings([address]), 'IPv6 is not configured on this cluster')];
  }
  const offset = ipv4Number(address) - CLUSTER_IP_FIRST;
  if (offset >= 0 && offset < CLUSTER_IP_COUNT) return [];
  const why = `failed to allocate IP ${address}: the provided IP (${address}) is not in the valid range. The range of valid IPs is ${CLUSTER_IP_RANGE}`;
  return [invalid('spec.clusterIPs', goStrings([address]), why)];
}

/** What is wrong with node ports that were asked for. */
function nodePortErrors(service: KubeObject, context: StrategyContext): FieldError[] {
  const asked = portsOf(service);
  if (!hasNodePorts(specOf(service) ?? {}) || !asked.some(({ nodePort }) => nodePort)) return [];
  const others = context.list(SERVICES).filter(({ metadata }) => metadata.uid !== service.metadata.uid);
  const taken = new Set(others.flatMap((other) => portsOf(other).map(({ nodePort }) => nodePort)));
  return asked.flatMap(({ nodePort }, index) => {
    const at = `spec.ports[${index}].nodePort`;
    if (!nodePort || (context.dryRun && nodePort > NODE_PORT_END)) return [];
    if (nodePort < NODE_PORT_FIRST || nodePort >= NODE_PORT_END) {
      const range = `${NODE_PORT_FIRST}-${NODE_PORT_END - 1}`;
      const why = `provided port is not in the valid range. The range of valid ports is ${range}`;
      return [invalid(at, nodePort, why)];
    }
    return taken.has(nodePort) ? [invalid(at, nodePort, 'provided port is already allocated')] : [];
  });
}

/** A port without a node port has that of its name from before, where no other port has it by now. */
function keepNodePorts(ports: readonly ServicePort[], before: readonly ServicePort[]): void {
  const used = new Set(ports.map(({ nodePort }) => nodePort));
  const byName = new Map(before.map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of ports) {
    const nodePort = byName.get(port.name ?? '');
    if (!port.nodePort && nodePort && !used.has(nodePort)) port.nodePort = nodePort;
  }
}

/** Takes away what the new type has no use for, and what nobody asked for beside it (`dropTypeDependentFields`). */
function dropWhatTypeHasNot(service: KubeObject, old: KubeObject): void {
  const spec = specOf(service)!;
  const before = specOf(old)!;
  const isSame = (field: string) => spec[field] === before[field];
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    const known = new Set(portsOf(old).map(({ nodePort }) => nodePort));
    const ports = portsOf(service);
    if (ports.every(({ nodePort }) => !nodePort || known.has(nodePort)))
      for (const port of ports) delete port.nodePort;
  }
  if (before['type'] === 'LoadBalancer' && spec['type'] !== 'LoadBalancer')
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
      if (isSame(field)) delete spec[field];
  if (!isExposed(spec) && isSame('externalTrafficPolicy')) delete spec['externalTrafficPolicy'];
  if (spec['type'] !== 'LoadBalancer') service['status'] = { ...statusOf(service), loadBalancer: {} };
}

function statusOf(service: KubeObject): object {
  return (service['status'] as object | undefined) ?? {};
}

function hasNodePorts({ type }: Record<string, unknown>): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

function isExposed({ type, externalIPs }: Record<string, unknown>): boolean {
  return hasNodePorts({ type }) || (type === 'ClusterIP' && Array.isArray(externalIPs));
}

function hasClusterIP({ type }: Record<string, unknown>): boolean {
  return type !== 'ExternalName';
}

function specOf(service: KubeObject): Record<string, unknown> | undefined {
  return service['spec'] as Record<string, unknown> | undefined;
}

function portsOf(service: KubeObject): ServicePort[] {
  return (readPath(service, ['spec', 'ports']) as ServicePort[] | undefined) ?? [];
}

function ipv4Number(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function ipv4Text(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
