import * as dns from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { answerQuery, type DnsClient } from './answer-query.ts';
import { indexZone } from './zone-index.ts';

const ZONE = indexZone(
  {
    name: 'red.flatland',
    records: [
      record('cart-1.cart.shop.east.red.flatland', '10.81.0.1', 'fd00:81::1'),
      record('cart.shop.red.flatland', '10.81.0.1', '10.81.16.1', 'fd00:81::1'),
      record('cart-2.cart.shop.west.red.flatland', '10.81.16.1'),
    ],
    services: [
      {
        name: '_http._tcp.cart.shop.red.flatland',
        targets: [
          { name: 'cart-1.cart.shop.east.red.flatland', port: 8080 },
          { name: 'cart-2.cart.shop.west.red.flatland', port: 8081 },
        ],
      },
    ],
  },
  ['10.81.0.0/16', 'fd00:81::/48'] as Cidr[],
);

describe('the domains’ DNS', () => {
  it('answers addresses of both families for a workload and for a pod', () => {
    expect(ask('cart.shop.red.flatland', 'A').data).toEqual(['10.81.0.1', '10.81.16.1']);
    expect(ask('cart-1.cart.shop.east.red.flatland', 'AAAA').data).toEqual(['fd00:81::1']);
    expect(ask('cart.shop.red.flatland', 'ANY').data).toHaveLength(3);
  });

  it('does not look at letters’ case, and gives the question back as it came', () => {
    const { answer, data } = ask('CaRt.Shop.Red.FlatLand', 'A');
    expect(data).toHaveLength(2);
    expect(answer?.questions?.[0]?.name).toBe('CaRt.Shop.Red.FlatLand');
    expect(answer?.answers?.[0]?.name).toBe('CaRt.Shop.Red.FlatLand');
  });

  it('begins with another address for another query', () => {
    expect(ask('cart.shop.red.flatland', 'A', { id: 3 }).data).toEqual(['10.81.16.1', '10.81.0.1']);
  });

  it('says that there is no such name, with the zone’s SOA', () => {
    const { answer } = ask('nobody.shop.red.flatland', 'A');
    expect(answer).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
    expect(answer?.authorities?.[0]).toMatchObject({ type: 'SOA', name: 'red.flatland' });
  });

  it('says that a name has no such record, also where it only has names below it', () => {
    for (const [name, type] of [
      ['cart.shop.red.flatland', 'TXT'],
      ['shop.red.flatland', 'A'],
      ['red.flatland', 'A'],
    ] as const)
      expect([name, ask(name, type).answer]).toMatchObject([
        name,
        { rcode: 'NOERROR', answers: [], authorities: [{ type: 'SOA' }] },
      ]);
  });

  it('answers where a named port is, with the addresses of those pods', () => {
    const { answer } = ask('_HTTP._tcp.cart.shop.red.flatland', 'SRV');
    expect(answer?.answers?.map((record) => record.type === 'SRV' && record.data)).toEqual([
      { priority: 0, weight: 1, port: 8080, target: 'cart-1.cart.shop.east.red.flatland' },
      { priority: 0, weight: 1, port: 8081, target: 'cart-2.cart.shop.west.red.flatland' },
    ]);
    expect(
      answer?.additionals?.flatMap((record) => ('data' in record ? [[record.name, record.data]] : [])),
    ).toEqual([
      ['cart-1.cart.shop.east.red.flatland', '10.81.0.1'],
      ['cart-1.cart.shop.east.red.flatland', 'fd00:81::1'],
      ['cart-2.cart.shop.west.red.flatland', '10.81.16.1'],
    ]);
    expect(ask('cart.shop.red.flatland', 'SRV').answer).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(ask('_tcp.cart.shop.red.flatland', 'A').answer).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(ask('_ssh._tcp.cart.shop.red.flatland', 'SRV').answer).toMatchObject({ rcode: 'NXDOMAIN' });
  });

  it('answers reverse names with the pod’s own', () => {
    expect(ask('1.0.81.10.in-addr.arpa', 'PTR').data).toEqual(['cart-1.cart.shop.east.red.flatland']);
    const six = `${'1'.padEnd(1)}.${'0.'.repeat(23)}1.8.0.0.0.0.d.f.ip6.arpa`;
    expect(ask(six, 'PTR').data).toEqual(['cart-1.cart.shop.east.red.flatland']);
    expect(ask('9.0.81.10.in-addr.arpa', 'PTR').answer).toMatchObject({ rcode: 'NXDOMAIN' });
    expect(ask('9.0.82.10.in-addr.arpa', 'PTR').answer).toMatchObject({ rcode: 'REFUSED' });
  });

  it('refuses everything else', () => {
    expect(ask('example.com', 'A').answer).toMatchObject({ rcode: 'REFUSED', answers: [] });
    expect(ask('evilred.flatland', 'A').answer).toMatchObject({ rcode: 'REFUSED' });
  });

  it('shows a zone only to whom it may', () => {
    const zonesFor = ({ subnet }: DnsClient) => (subnet === '10.244.0.5' ? [ZONE] : []);
    expect(ask('cart.shop.red.flatland', 'A', { zonesFor }).answer).toMatchObject({ rcode: 'REFUSED' });
    const member = ask('cart.shop.red.flatland', 'A', { zonesFor, subnet: '10.244.0.5' });
    expect(member.data).toHaveLength(2);
    const stranger = ask('cart.shop.red.flatland', 'A', { zonesFor, subnet: '10.244.0.6' });
    expect(stranger.answer).toMatchObject({ rcode: 'REFUSED' });
  });

  it('believes no client subnet that names more than one host', () => {
    const seen: DnsClient[] = [];
    const zonesFor = (client: DnsClient) => (seen.push(client), []);
    ask('cart.shop.red.flatland', 'A', { zonesFor, subnet: '10.244.0.0', subnetLength: 16 });
    expect(seen).toEqual([{ source: '10.81.0.9' }]);
  });

  it('cuts what does not fit a datagram, and gives it whole over TCP', () => {
    const many = Array.from({ length: 100 }, (_, i) => `10.81.1.${i}` as IpAddress);
    const zone = indexZone(
      { name: 'red.flatland', records: [{ name: 'big.shop.red.flatland', addresses: many }], services: [] },
      ZONE.prefixes,
    );
    const zonesFor = () => [zone];
    const udp = ask('big.shop.red.flatland', 'A', { zonesFor });
    expect(udp.answer).toMatchObject({ flag_tc: true, answers: [] });
    expect(udp.bytes?.length).toBeLessThanOrEqual(512);
    const tcp = ask('big.shop.red.flatland', 'A', { zonesFor, transport: 'tcp' });
    expect(tcp.answer).toMatchObject({ flag_tc: false });
    expect(tcp.data).toHaveLength(100);
  });

  it('answers no answers, other operations and malformed questions as the RFC says', () => {
    const answer = dns.encode({ type: 'response', id: 1, questions: [question('a', 'A')] });
    expect(answerQuery(answer, context())).toBeUndefined();
    const notify = dns.encode({ type: 'query', id: 1, flags: 4 << 11, questions: [question('a', 'A')] });
    expect(decode(answerQuery(notify, context()))).toMatchObject({ rcode: 'NOTIMP' });
    const none = dns.encode({ type: 'query', id: 1, questions: [] });
    expect(decode(answerQuery(none, context()))).toMatchObject({ rcode: 'FORMERR' });
    const chaos = dns.encode({
      type: 'query',
      id: 1,
      questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }],
    });
    expect(decode(answerQuery(chaos, context()))).toMatchObject({ rcode: 'REFUSED' });
  });

  it('gives no name back that it cannot write as it came', () => {
    const bytes = encodeQuery('cart.shop.red.flatland', 'A');
    bytes[18] = 0x80;
    expect(decode(answerQuery(bytes, context()))).toMatchObject({ rcode: 'FORMERR', questions: [] });
  });

  it('gives no name back whose labels have dots in them', () => {
    const whole = Buffer.from(encodeQuery('cart.shop.red.flatland', 'A'));
    whole.write('.', whole.indexOf('cart'));
    expect(decode(answerQuery(whole, context()))).toMatchObject({ rcode: 'FORMERR', questions: [] });
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        answerQuery(bytes, context());
      }),
      { numRuns: 20_000 },
    );
  });

  it('survives queries with changed, lost and doubled bytes', () => {
    const whole = encodeQuery('cart.shop.red.flatland', 'A', { subnet: '10.81.0.1' });
    const edit = fc.record({
      at: fc.nat({ max: whole.length }),
      cut: fc.nat({ max: 6 }),
      insert: fc.uint8Array({ maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let bytes = Uint8Array.from(whole);
        for (const { at, cut, insert } of edits)
          bytes = Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + cut)]);
        const answer = answerQuery(bytes, context());
        if (answer !== undefined) dns.decode(Buffer.from(answer));
      }),
      { numRuns: 20_000 },
    );
  });
});

interface AskOptions {
  id?: number;
  zonesFor?: (client: DnsClient) => readonly (typeof ZONE)[];
  subnet?: string;
  subnetLength?: number;
  transport?: 'udp' | 'tcp';
}

function ask(name: string, type: dns.RecordType | 'ANY', options: AskOptions = {}) {
  const bytes = answerQuery(encodeQuery(name, type, options), context(options));
  const answer = decode(bytes);
  return { bytes, answer, data: (answer?.answers ?? []).map((one) => (one as { data?: unknown }).data) };
}

function context({ zonesFor, transport }: AskOptions = {}) {
  return {
    zonesFor: zonesFor ?? (() => [ZONE]),
    source: '10.81.0.9' as IpAddress,
    transport: transport ?? ('udp' as const),
  };
}

function encodeQuery(name: string, type: dns.RecordType | 'ANY', options: AskOptions = {}): Buffer {
  const { subnet, subnetLength = 32 } = options;
  const option = {
    code: 'CLIENT_SUBNET',
    ip: subnet,
    sourcePrefixLength: subnetLength,
    scopePrefixLength: 0,
  };
  const additionals =
    subnet === undefined
      ? []
      : [{ type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [option] }];
  const packet = { type: 'query', id: options.id ?? 2, questions: [question(name, type)], additionals };
  return dns.encode(packet as unknown as dns.Packet);
}

function question(name: string, type: dns.RecordType | 'ANY'): dns.Question {
  return { name, type: type as dns.RecordType };
}

function decode(bytes: Uint8Array | undefined) {
  if (bytes === undefined) return undefined;
  return dns.decode(Buffer.from(bytes)) as dns.DecodedPacket & { rcode: string; flag_tc: boolean };
}

function record(name: string, ...addresses: string[]) {
  return { name, addresses: addresses as IpAddress[] };
}
