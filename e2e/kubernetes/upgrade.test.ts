import { sampleIntent } from '@flatland/lab/sample/sample-domains';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { giveFlatlandImage, tagFlatlandImage } from '../clusters/flatland-image.ts';
import { installFlatland, uninstallFlatland } from '../clusters/flatland.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { kubectl } from '../clusters/sample.ts';
import { takeDown } from '../clusters/down.ts';
import { bringUp, isUp } from '../clusters/up.ts';
import { get, given, settings } from './support.ts';

const [AWS, ONPREM] = CLUSTERS.map(({ name }) => name) as [string, string];
const wasUp = await isUp(settings.directory);
const [BEFORE, AFTER] = ['flatland.dev/flatland:before', 'flatland.dev/flatland:after'];
const SYSTEM = ['-n', 'flatland-system'];
const PING_INTERVAL_SECONDS = 0.1;
const TIMEOUT_MS = 900_000;
/** How long a forwarder that is replaced may carry nothing. */
const MAX_GAP_SECONDS = 1;

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Record<string, string> };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

interface MemberSlice {
  readonly spec: {
    readonly domain: string;
    readonly members?: readonly {
      readonly pod: { readonly name: string };
      readonly addresses: readonly string[];
    }[];
  };
}

describe('An upgrade on two real clusters', () => {
  beforeAll(async () => {
    await bringUp(settings, console.log);
    await giveFlatlandImage(settings.directory);
    for (const name of [BEFORE!, AFTER!]) await tagFlatlandImage(settings.directory, name);
    await installFlatland(given, { image: BEFORE! });
    for (const cluster of [AWS, ONPREM]) await apply(cluster, sampleIntent(cluster));
  });

  afterAll(async () => {
    await uninstallFlatland(given);
    if (!wasUp) await takeDown(settings.directory);
  });

  test(
    'of agents and controllers loses no packet in either direction, and leaves forwarders alone',
    async () => {
      const pings = await startPings();
      const forwarders = await podsOf('flatland-forwarder');
      const said = await installFlatland(given, { image: AFTER! });
      expect(said).toContain('still run the version before');
      for (const component of ['flatland-agent', 'flatland-controller'])
        expect(new Set((await podsOf(component)).map(imageOf))).toEqual(new Set([AFTER]));
      expect((await podsOf('flatland-forwarder')).map(uidOf)).toEqual(forwarders.map(uidOf));
      for (const ping of pings) {
        const { received, lost } = await ping.end();
        console.log(`${received} answers, ${lost} lost`);
        expect(received).toBeGreaterThan(20);
        expect(lost).toBe(0);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'of forwarders stops packets for less than a second',
    async () => {
      const pings = await startPings();
      await installFlatland(given, { image: AFTER!, flags: ['--replace-forwarders'] });
      expect(new Set((await podsOf('flatland-forwarder')).map(imageOf))).toEqual(new Set([AFTER]));
      for (const ping of pings) {
        const { received, longestGap } = await ping.end();
        console.log(`${received} answers; longest gap ${(longestGap * PING_INTERVAL_SECONDS).toFixed(1)} s`);
        expect(longestGap * PING_INTERVAL_SECONDS).toBeLessThan(MAX_GAP_SECONDS);
      }
    },
    TIMEOUT_MS,
  );
});

/** Pings between members of both clusters, in both directions, once they pass. */
async function startPings(): Promise<{ end(): Promise<Loss> }[]> {
  return [
    await startPing({ cluster: AWS, app: 'frontend' }, { cluster: ONPREM, app: 'inventory' }),
    await startPing({ cluster: ONPREM, app: 'inventory' }, { cluster: AWS, app: 'frontend' }),
  ];
}

interface Member {
  readonly cluster: string;
  readonly app: string;
}

interface Loss {
  readonly received: number;
  /** Packets between the first and the last answer that have none. */
  readonly lost: number;
  /** The most packets in a row without an answer. */
  readonly longestGap: number;
}

async function startPing(from: Member, to: Member): Promise<{ end(): Promise<Loss> }> {
  const [pod] = await get<Pod>(from.cluster, 'pods', '-n', 'shop', '-l', `app=${from.app}`);
  const shell = (script: string) =>
    kubectl(given, from.cluster, ['-n', 'shop', 'exec', pod!.metadata.name, '--', 'sh', '-c', script]);
  const address = await vi.waitFor(
    async () => {
      const found = await addressOf(to);
      await shell(`ping -c 1 -W 1 ${found}`);
      return found;
    },
    { timeout: 300_000, interval: 500 },
  );
  const log = `/tmp/ping-${Date.now()}`;
  const pid = (await shell(`ping -i ${PING_INTERVAL_SECONDS} ${address} >${log} 2>&1 & echo $!`)).trim();
  return {
    end: async () => lossOf(await shell(`kill -INT ${pid}; cat ${log}; rm ${log}`)),
  };
}

function lossOf(log: string): Loss {
  const numbers = [...log.matchAll(/ seq=(\d+) /g)].map(([, number]) => Number(number));
  const gaps = numbers.slice(1).map((number, index) => number - numbers[index]! - 1);
  return {
    received: numbers.length,
    lost: gaps.reduce((sum, gap) => sum + gap, 0),
    longestGap: Math.max(0, ...gaps),
  };
}

async function addressOf({ cluster, app }: Member): Promise<string> {
  const slices = await get<MemberSlice>(cluster, 'memberslices');
  const found = slices
    .filter(({ spec }) => spec.domain === 'red')
    .flatMap(({ spec }) => spec.members ?? [])
    .find(({ pod }) => pod.name.startsWith(`${app}-`))?.addresses[0];
  if (found === undefined) throw new Error(`${app} has no address in red`);
  return found;
}

async function podsOf(component: string): Promise<Pod[]> {
  const selector = ['-l', `app.kubernetes.io/name=${component}`, '--field-selector', 'status.phase=Running'];
  const pods = await Promise.all(
    [AWS, ONPREM].map((cluster) => get<Pod>(cluster, 'pods', ...SYSTEM, ...selector)),
  );
  return pods.flat();
}

function imageOf({ spec }: Pod): string {
  return spec.containers[0]!.image;
}

function uidOf({ metadata }: Pod): string {
  return metadata.uid;
}

async function apply(cluster: string, items: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(given, cluster, ['apply', '--server-side', '-f', '-'], { input });
}
