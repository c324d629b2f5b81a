import { isWithin } from '@flatland/shared/dns/zones';
import * as dns from 'dns-packet';
import { parseIpAddress, type IpAddress } from '@flatland/shared/address/ip';
import { isReverseOf, type ZoneIndex } from './zone-index.ts';

/** Seconds that an answer may be kept: members come and go. */
const TTL_SECONDS = 5;
const CLASSIC_UDP_BYTES = 512;
/** Largest answer over UDP that no path fragments (DNS flag day 2020). */
const MAX_UDP_BYTES = 1232;
const MAX_TCP_BYTES = 65_535;

/** EDNS option that names the client (RFC 7871). */
const CLIENT_SUBNET = 8;

const PRINTABLE = /^[\x21-\x7e]*$/;

const RCODE = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
const OPCODE_MASK = 0x7800;
const RESPONSE_FLAG = 0x8000;

export interface DnsQuestionContext {
  /** The zones that who asks may see. */
  readonly zonesFor: (client: DnsClient) => readonly ZoneIndex[];
  readonly source: IpAddress;
  readonly transport: 'udp' | 'tcp';
}

/** Who asks: the sender, or the client that a forwarder names (EDNS Client Subnet, RFC 7871). */
export interface DnsClient {
  readonly source: IpAddress;
  readonly subnet?: IpAddress;
}

/**
 * The answer to a query, or nothing where it deserves none. Answers for the domains' zones and their
 * reverse names alone, and to their members alone. Never throws, whatever the bytes.
 */
export function answerQuery(bytes: Uint8Array, context: DnsQuestionContext): Uint8Array | undefined {
  const query = decode(bytes);
  if (query === undefined) return undefined;
  try {
    return answer(query, context);
  } catch {
    return undefined;
  }
}

type Query = dns.DecodedPacket;
type Question = dns.Question;

function decode(bytes: Uint8Array): Query | undefined {
  try {
    const packet = dns.decode(Buffer.from(bytes));
    return ((packet.flags ?? 0) & RESPONSE_FLAG) === 0 && packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}

function answer(query: Query, context: DnsQuestionContext): Uint8Array {
  const reply = (rcode: number, parts: Partial<dns.Packet> = {}) => encode(query, { rcode, parts, context });
  if (((query.flags ?? 0) & OPCODE_MASK) !== 0) return reply(RCODE.NOTIMP);
  const [question, second] = query.questions ?? [];
  if (question === undefined || second !== undefined) return reply(RCODE.FORMERR);
  // Bytes that are no text, and dots inside of labels, would not be given back as they came.
  if (!PRINTABLE.test(question.name) || hasEmptyLabel(question.name))
    return reply(RCODE.FORMERR, { questions: [] });
  if (question.class !== undefined && question.class !== 'IN') return reply(RCODE.REFUSED);
  const name = question.name.toLowerCase().replace(/\.$/, '');
  const zones = context.zonesFor(clientOf(query, context.source));
  const forward = zones
    .filter((zone) => isWithin(name, zone.name))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  if (forward !== undefined) {
    const { exists, answers, additionals } = forwardAnswers(forward, name, question, query.id ?? 0);
    if (answers.length > 0) return reply(RCODE.NOERROR, { answers, additionals });
    return reply(exists ? RCODE.NOERROR : RCODE.NXDOMAIN, { authorities: [soa(forward.name)] });
  }
  const reverse = zones.find((zone) => isReverseOf(zone, name));
  if (reverse === undefined) return reply(RCODE.REFUSED);
  const target = reverse.reverse.get(name);
  const authorities = [soa(reverseZoneName(name))];
  if (target === undefined) return reply(RCODE.NXDOMAIN, { authorities });
  if (question.type !== 'PTR') return reply(RCODE.NOERROR, { authorities });
  return reply(RCODE.NOERROR, {
    answers: [{ type: 'PTR', name: question.name, ttl: TTL_SECONDS, data: target }],
  });
}

function hasEmptyLabel(name: string): boolean {
  return name !== '.' && name.split('.').includes('');
}

function forwardAnswers(
  zone: ZoneIndex,
  name: string,
  question: Question,
  id: number,
): { exists: boolean; answers: dns.Answer[]; additionals: dns.Answer[] } {
  const exists = zone.existing.has(name);
  if (question.type === 'SRV') return { exists, ...serviceAnswers(zone, name, question.name) };
  if (name === zone.name && question.type === 'SOA')
    return { exists, answers: [{ ...soa(zone.name), name: question.name } as dns.Answer], additionals: [] };
  const wanted = (zone.addresses.get(name) ?? []).filter((address) => isOfType(address, question.type));
  const first = wanted.length === 0 ? 0 : id % wanted.length;
  const rotated = [...wanted.slice(first), ...wanted.slice(0, first)];
  return {
    exists,
    answers: rotated.map((address) => addressRecord(question.name, address)),
    additionals: [],
  };
}

/** Where a named port is, and the addresses of those targets (RFC 2782); all alike in priority and weight. */
function serviceAnswers(
  zone: ZoneIndex,
  name: string,
  asked: string,
): { answers: dns.Answer[]; additionals: dns.Answer[] } {
  const targets = zone.services.get(name) ?? [];
  return {
    answers: targets.map(({ name: target, port }) => ({
      type: 'SRV',
      name: asked,
      ttl: TTL_SECONDS,
      data: { priority: 0, weight: 1, port, target },
    })),
    additionals: targets.flatMap(({ name: target }) =>
      (zone.addresses.get(target) ?? []).map((address) => addressRecord(target, address)),
    ),
  };
}

function addressRecord(name: string, address: IpAddress): dns.Answer {
  return { type: address.includes(':') ? 'AAAA' : 'A', name, ttl: TTL_SECONDS, data: address };
}

function isOfType(address: IpAddress, type: string): boolean {
  switch (type) {
    case 'A':
      return !address.includes(':');
    case 'AAAA':
      return address.includes(':');
    case 'ANY':
      return true;
    default:
      return false;
  }
}

/** A zone's start of authority; its minimum is how long a "no such name" may be kept (RFC 2308). */
function soa(zone: string): dns.SoaAnswer {
  return {
    type: 'SOA',
    name: zone,
    ttl: TTL_SECONDS,
    data: {
      mname: `ns.${zone}`,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: TTL_SECONDS,
    },
  };
}

function reverseZoneName(name: string): string {
  return name.endsWith('.in-addr.arpa')
    ? name.split('.').slice(-3).join('.')
    : name.split('.').slice(-6).join('.');
}

function encode(
  query: Query,
  answer: {
    readonly rcode: number;
    readonly parts: Partial<dns.Packet>;
    readonly context: DnsQuestionContext;
  },
): Uint8Array {
  const { rcode, parts, context } = answer;
  const edns = ednsOf(query);
  const flags = dns.AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & dns.RECURSION_DESIRED) | (rcode & 15);
  const packet: dns.Packet = {
    type: 'response',
    id: query.id ?? 0,
    flags,
    questions: query.questions ?? [],
    ...parts,
    additionals: [...(parts.additionals ?? []), ...(edns === undefined ? [] : [edns])],
  };
  const limit =
    context.transport === 'tcp'
      ? MAX_TCP_BYTES
      : Math.min(Math.max(edns?.udpPayloadSize ?? 0, CLASSIC_UDP_BYTES), MAX_UDP_BYTES);
  const whole = dns.encode(packet);
  if (whole.length <= limit) return whole;
  // Addresses of targets are a courtesy: they go first (RFC 2181 §9).
  const bare = { ...packet, additionals: edns === undefined ? [] : [edns] };
  const short = dns.encode(bare);
  if (short.length <= limit) return short;
  const { answers: _, authorities: __, ...rest } = bare;
  return dns.encode({ ...rest, flags: flags | dns.TRUNCATED_RESPONSE });
}

/** The OPT record of the answer to a query that has one. */
function ednsOf(query: Query): (dns.OptAnswer & { readonly udpPayloadSize: number }) | undefined {
  const opt = optOf(query);
  if (opt === undefined) return undefined;
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: Math.min(opt.udpPayloadSize, MAX_UDP_BYTES),
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}

function optOf(query: Query): dns.OptAnswer | undefined {
  return query.additionals?.find((record): record is dns.OptAnswer => record.type === 'OPT');
}

function clientOf(query: Query, source: IpAddress): DnsClient {
  for (const option of optOf(query)?.options ?? []) {
    const { code, ip, sourcePrefixLength } = option as EdnsOption;
    const subnet = Number(code) === CLIENT_SUBNET && ip !== undefined ? parseIpAddress(ip) : undefined;
    if (subnet?.ok && sourcePrefixLength === (subnet.value.includes(':') ? 128 : 32))
      return { source, subnet: subnet.value };
  }
  return { source };
}

interface EdnsOption {
  readonly code?: unknown;
  readonly ip?: string;
  readonly sourcePrefixLength?: number;
}
