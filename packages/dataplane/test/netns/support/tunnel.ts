/** Two namespaces and a tunnel between them, as most scenarios begin. */
import type { Sandbox } from '../../support/sandbox.ts';
import { address, joinTwoNamespaces } from '../../support/underlay.ts';
import { newKeys, startDevice, type DeviceOptions, type Keys, type TestDevice } from './device.ts';
import type { PathKind } from './packet-paths.ts';

/** One end: a device with its keys. Its inner addresses are 10.9.0.n and fd10::n. */
export interface End<Device extends TestDevice = TestDevice> {
  readonly n: 1 | 2;
  readonly device: Device;
  readonly keys: Keys;
  readonly port: number;
}

export interface Tunnel<One extends TestDevice = TestDevice> {
  readonly sandbox: Sandbox;
  readonly one: End<One>;
  readonly two: End;
}

export type StartDevice<Device extends TestDevice> = (
  sandbox: Sandbox,
  options: DeviceOptions,
) => Promise<Device>;

/** Inner addresses of an end, as `wg` takes them. */
export function innerAddresses(n: 1 | 2): string {
  return `10.9.0.${n}/32,fd10::${n}/128`;
}

/** Underlay address and port of an end, on the cable of `joinTwoNamespaces`. */
export function outerEndpoint({ n, port }: End, family: 4 | 6 = 4): string {
  return family === 4 ? `192.168.9.${n}:${port}` : `[fd09::${n}]:${port}`;
}

/** Joins `n1` and `n2` by a cable and makes a tunnel between them, over IPv4. */
export async function openTunnel(sandbox: Sandbox, path: PathKind): Promise<Tunnel> {
  return openTunnelFrom(sandbox, path, startDevice);
}

/** `openTunnel`, where the devices are started in other ways. */
export async function openTunnelFrom<One extends TestDevice>(
  sandbox: Sandbox,
  path: PathKind,
  startOne: StartDevice<One>,
  startTwo: StartDevice<TestDevice> = startDevice,
): Promise<Tunnel<One>> {
  await joinTwoNamespaces(sandbox);
  const tunnel = await makeEnds(sandbox, path, startOne, startTwo);
  await pair(tunnel);
  return tunnel;
}

/** A device in `n1` and one in `n2`, with keys, ports and addresses, and no peers. */
export async function makeEnds<One extends TestDevice>(
  sandbox: Sandbox,
  path: PathKind,
  startOne: StartDevice<One>,
  startTwo: StartDevice<TestDevice> = startDevice,
): Promise<Tunnel<One>> {
  const [one, two] = await Promise.all([
    makeEnd(sandbox, 1, path, startOne),
    makeEnd(sandbox, 2, path, startTwo),
  ]);
  return { sandbox, one, two };
}

/** Makes the ends each other's peers, at the endpoints that `endpointOf` gives. */
export async function pair(
  tunnel: Tunnel,
  endpointOf: (end: End) => string | undefined = (end) => outerEndpoint(end),
): Promise<void> {
  for (const [self, peer] of bothWays(tunnel)) {
    const endpoint = endpointOf(peer);
    const at = endpoint === undefined ? '' : ` endpoint ${endpoint}`;
    await self.device.set(`peer ${peer.keys.publicKey} allowed-ips ${innerAddresses(peer.n)}${at}`);
  }
}

/** Each end with the other as its peer. */
export function bothWays({ one, two }: Tunnel): readonly (readonly [End, End])[] {
  return [
    [one, two],
    [two, one],
  ];
}

/** Lets both ends send to each other over a family. */
export async function useOuterFamily(tunnel: Tunnel, family: 4 | 6): Promise<void> {
  for (const [self, peer] of bothWays(tunnel))
    await self.device.set(`peer ${peer.keys.publicKey} endpoint ${outerEndpoint(peer, family)}`);
}

/** Sets the MTU of both devices. */
export async function setDeviceMtu({ sandbox, one, two }: Tunnel, mtuBytes: number): Promise<void> {
  for (const { device } of [one, two])
    await sandbox.ip(`-n ${device.netns} link set ${device.name} mtu ${mtuBytes}`);
}

/** Sets the MTU of the cable. */
export async function setUnderlayMtu({ sandbox }: Tunnel, mtuBytes: number): Promise<void> {
  await sandbox.ip(`-n n1 link set v1 mtu ${mtuBytes}\n-n n2 link set v2 mtu ${mtuBytes}`);
}

async function makeEnd<Device extends TestDevice>(
  sandbox: Sandbox,
  n: 1 | 2,
  path: PathKind,
  start: StartDevice<Device>,
): Promise<End<Device>> {
  const [netns, name] = [`n${n}`, `wg${n}`];
  const device = await start(sandbox, { netns, name, path });
  const end = { n, device, keys: newKeys(), port: 5000 + n };
  await device.set(`listen-port ${end.port} private-key /dev/stdin`, end.keys.privateKey);
  await address(sandbox, netns, name, n);
  await device.listens();
  return end;
}
