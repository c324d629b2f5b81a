import { isIP } from 'node:net';
import { parseIpValue } from '@flatland/shared/address/ip';
import { checkLabelSelector } from '../../check-object-meta.ts';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts';
import { goStrings } from '../../go-print.ts';
import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { checkPortName, checkPortNumber } from '../../names.ts';
import { listAt, objectsAt, textAt, valueAt } from '../printer-column.ts';

const protocols = ['TCP', 'UDP', 'SCTP'];
const policyTypes = ['Ingress', 'Egress'];

/** Checks which traffic a policy admits (`networking` ValidateNetworkPolicySpec). */
export function checkNetworkPolicy(object: JsonObject): FieldError[] {
  return [
    ...checkLabelSelector(valueAt(object, 'spec', 'podSelector'), 'spec.podSelector'),
    ...checkRules(object, 'ingress', 'from'),
    ...checkRules(object, 'egress', 'to'),
    ...checkTypes(listAt(object, 'spec', 'policyTypes').map(String)),
  ];
}

function checkRules(object: JsonObject, direction: string, peers: string): FieldError[] {
  return objectsAt(object, 'spec', direction).flatMap((rule, index) => {
    const at = `spec.${direction}[${index}]`;
    return [
      ...objectsAt(rule, 'ports').flatMap((port, number) => checkPort(port, `${at}.ports[${number}]`)),
      ...objectsAt(rule, peers).flatMap((peer, number) => checkPeer(peer, `${at}.${peers}[${number}]`)),
    ];
  });
}

function checkTypes(types: readonly string[]): FieldError[] {
  const path = 'spec.policyTypes';
  if (types.length > policyTypes.length) {
    return [invalid(path, goStrings(types), 'may not specify more than two policyTypes')];
  }
  return types.flatMap((type, index) =>
    policyTypes.includes(type) ? [] : [notSupported(`${path}[${index}]`, type, policyTypes)],
  );
}

function checkPort(entry: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const protocol = textAt(entry, 'protocol');
  if (!protocols.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, protocols));
  const port = getOwn(entry, 'port');
  const end = getOwn(entry, 'endPort');
  const last = typeof end === 'number' ? end : undefined;
  if (typeof port === 'number') {
    errors.push(...checkPortNumber(port).map((why) => invalid(`${at}.port`, port, why)));
    if (last === undefined) return errors;
    // Kubernetes shows the first port here.
    if (last < port) errors.push(invalid(`${at}.endPort`, port, 'must be greater than or equal to `port`'));
    return [...errors, ...checkPortNumber(last).map((why) => invalid(`${at}.endPort`, last, why))];
  }
  if (last !== undefined) {
    const what = port === undefined ? 'not specified' : 'non-numeric';
    errors.push(invalid(`${at}.endPort`, last, `may not be specified when \`port\` is ${what}`));
  }
  if (typeof port === 'string')
    errors.push(...checkPortName(port).map((why) => invalid(`${at}.port`, port, why)));
  return errors;
}

function checkPeer(peer: JsonObject, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const given = ['podSelector', 'namespaceSelector', 'ipBlock'].filter((field) =>
    isJsonObject(getOwn(peer, field)),
  );
  for (const field of ['podSelector', 'namespaceSelector']) {
    errors.push(...checkLabelSelector(getOwn(peer, field), `${at}.${field}`));
  }
  const block = getOwn(peer, 'ipBlock');
  if (isJsonObject(block)) errors.push(...checkBlock(block, `${at}.ipBlock`));
  if (given.length === 0) errors.push(required(at, 'must specify a peer'));
  else if (given.length > 1 && given.includes('ipBlock')) {
    errors.push(forbidden(at, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function checkBlock(block: JsonObject, at: string): FieldError[] {
  const cidr = textAt(block, 'cidr');
  if (cidr === '') return [required(`${at}.cidr`)];
  const outer = readPrefix(cidr);
  if (!outer) return [invalid(`${at}.cidr`, cidr, NO_CIDR)];
  return listAt(block, 'except').flatMap((value, index) => {
    const text = String(value as string);
    const inner = readPrefix(text);
    if (!inner) return [invalid(`${at}.except[${index}]`, text, NO_CIDR)];
    if (isStrictlyWithin(inner, outer)) return [];
    return [invalid(`${at}.except[${index}]`, text, 'must be a strict subset of `cidr`')];
  });
}

const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

interface Prefix {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly length: number;
}

/** Unlike a prefix of ours, one of Kubernetes may have host bits. */
function readPrefix(text: string): Prefix | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const ip = parseIpValue(address);
  if (!ip.ok || isIP(address) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const { family, bits } = ip.value;
  return Number(length) <= (family === 4 ? 32 : 128) ? { family, bits, length: Number(length) } : undefined;
}

function isStrictlyWithin(inner: Prefix, outer: Prefix): boolean {
  if (inner.family !== outer.family || inner.length <= outer.length) return false;
  const hostBits = BigInt((outer.family === 4 ? 32 : 128) - outer.length);
  return inner.bits >> hostBits === outer.bits >> hostBits;
}
