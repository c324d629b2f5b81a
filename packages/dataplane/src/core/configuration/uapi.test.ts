import fc from 'fast-check';
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { publicKeyOf, SecretKey } from '../noise/keys.ts';
import { udpEndpoint } from '../peer/udp-endpoint.ts';
import { formatAllowedIp, parseAllowedIp, type DeviceConfiguration } from './device-configuration.ts';
import { parseUapiSet } from './uapi-parse.ts';
import { writeUapiGet, writeUapiSet } from './uapi-write.ts';

const KEY = 'b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33';
const OTHER = '58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376';

describe('the configuration protocol', () => {
  it('reads every key of a change', () => {
    const change = parsed(
      `private_key=${KEY}`,
      'listen_port=12912',
      'fwmark=0x10',
      'replace_peers=true',
      `public_key=${KEY}`,
      'update_only=true',
      `preshared_key=${OTHER}`,
      'endpoint=[abcd:23::33%2]:51820',
      'persistent_keepalive_interval=25',
      'replace_allowed_ips=true',
      'allowed_ip=192.168.4.4/32',
      'allowed_ip=-10.0.0.77/8',
      'protocol_version=1',
      `public_key=${OTHER}`,
      'remove=true',
    );
    expect(change).toMatchObject({ listenPort: 12_912, fwmark: 16, replacePeers: true });
    const [first, second] = change.peers ?? [];
    expect(first).toMatchObject({
      updateOnly: true,
      persistentKeepaliveSeconds: 25,
      replaceAllowedIps: true,
    });
    expect(first?.endpoint).toEqual({ address: 'abcd:23::33', zone: '2', port: 51_820 });
    expect(first?.allowedIps?.map(({ prefix, remove }) => [formatAllowedIp(prefix), remove])).toEqual([
      ['192.168.4.4/32', false],
      ['10.0.0.0/8', true],
    ]);
    expect(second).toEqual({ publicKey: publicKeyOf(Uint8Array.fromHex(OTHER)), remove: true });
  });

  it.each([
    'private_key=xyz',
    `private_key=${KEY}00`,
    'listen_port=65536',
    'listen_port=-1',
    'fwmark=0x100000000',
    'replace_peers=false',
    'unknown=1',
    'allowed_ip=10.0.0.0/8',
    'no equals sign',
    '=x',
  ])('refuses %s without quoting the value', (line) => {
    const result = parseUapiSet([line]);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.error).not.toContain(line.slice(line.indexOf('=') + 1) || 'nothing');
  });

  it.each([
    'allowed_ip=10.0.0.0/33',
    'endpoint=example.org:1',
    'protocol_version=2',
    'persistent_keepalive_interval=65536',
    'remove=1',
  ])('refuses %s of a peer', (line) => {
    expect(parseUapiSet([`public_key=${KEY}`, line]).ok).toBe(false);
  });

  it('never throws, whatever is sent', () => {
    const key = fc.constantFrom(
      'private_key',
      'public_key',
      'allowed_ip',
      'endpoint',
      'listen_port',
      'fwmark',
      'x',
    );
    const line = fc.oneof(
      fc.string(),
      fc.tuple(key, fc.string()).map(([k, v]) => `${k}=${v}`),
      fc.constant(`public_key=${KEY}`),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => void parseUapiSet(lines)),
      { numRuns: 2_000 },
    );
  });

  it('reads back the changes that it writes', () => {
    const change: DeviceConfiguration = {
      privateKey: new SecretKey(Uint8Array.fromHex(KEY)),
      listenPort: 5,
      fwmark: 7,
      replacePeers: true,
      peers: [
        {
          publicKey: publicKeyOf(Uint8Array.fromHex(OTHER)),
          presharedKey: new SecretKey(Uint8Array.fromHex(KEY)),
          endpoint: udpEndpoint('192.0.2.1' as IpAddress, 9),
          persistentKeepaliveSeconds: 25,
          replaceAllowedIps: true,
          allowedIps: [
            { ...allowed('fd00::/64'), remove: false },
            { ...allowed('10.1.0.0/16'), remove: true },
          ],
        },
      ],
    };
    const again = parsed(...writeUapiSet(change).trimEnd().split('\n'));
    expect(writeUapiSet(again)).toBe(writeUapiSet(change));
    expect(again.privateKey?.expose()).toEqual(change.privateKey?.expose());
  });

  it('writes a device as wg reads it', () => {
    const text = writeUapiGet({
      privateKey: new SecretKey(Uint8Array.fromHex(KEY)),
      publicKey: undefined,
      listenPort: 12_912,
      fwmark: 0,
      peers: [
        {
          publicKey: publicKeyOf(Uint8Array.fromHex(OTHER)),
          presharedKey: new SecretKey(new Uint8Array(32)),
          endpoint: udpEndpoint('2001:db8::1' as IpAddress, 9),
          persistentKeepaliveSeconds: 0,
          lastHandshakeAtMs: 1_500.5,
          rxBytes: 1,
          txBytes: 2,
          allowedIps: [allowed('10.0.0.0/8').prefix],
        },
      ],
    });
    expect(text).toBe(
      [
        `private_key=${KEY}`,
        'listen_port=12912',
        `public_key=${OTHER}`,
        `preshared_key=${'0'.repeat(64)}`,
        'protocol_version=1',
        'endpoint=[2001:db8::1]:9',
        'last_handshake_time_sec=1',
        'last_handshake_time_nsec=500500000',
        'tx_bytes=2',
        'rx_bytes=1',
        'persistent_keepalive_interval=0',
        'allowed_ip=10.0.0.0/8',
        '',
      ].join('\n'),
    );
  });

  it('writes a peer with more allowed IPs than a call takes arguments', () => {
    const allowedIps = Array.from({ length: 200_000 }, (_, i) => ({
      bytes: Uint8Array.of(10, i >> 16, (i >> 8) & 255, i & 255),
      length: 32,
    }));
    const change = {
      peers: [
        {
          publicKey: publicKeyOf(Uint8Array.fromHex(KEY)),
          allowedIps: allowedIps.map((prefix) => ({ prefix, remove: false })),
        },
      ],
    };
    const text = writeUapiSet(change);
    expect(text.match(/^allowed_ip=/gm)).toHaveLength(200_000);
    const peer = {
      publicKey: change.peers[0]!.publicKey,
      presharedKey: new SecretKey(new Uint8Array(32)),
      endpoint: undefined,
      lastHandshakeAtMs: undefined,
      txBytes: 0,
      rxBytes: 0,
      persistentKeepaliveSeconds: 0,
      allowedIps,
    };
    const got = writeUapiGet({
      privateKey: undefined,
      publicKey: undefined,
      listenPort: 0,
      fwmark: 0,
      peers: [peer],
    });
    expect(got.match(/^allowed_ip=/gm)).toHaveLength(200_000);
  });

  it('shows no secret when a change is printed', () => {
    const change = parsed(`private_key=${KEY}`, `public_key=${OTHER}`, `preshared_key=${KEY}`);
    expect(JSON.stringify(change)).not.toContain(KEY.slice(0, 8));
    expect(String(change.privateKey)).toBe('[secret]');
  });
});

function parsed(...lines: string[]): DeviceConfiguration {
  const result = parseUapiSet(lines);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function allowed(text: string) {
  const result = parseAllowedIp(text);
  if (!result.ok) throw new Error(result.error);
  return { prefix: result.value };
}
