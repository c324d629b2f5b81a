/** Ways between two network namespaces, `n1` and `n2`, each made in a sandbox of its own. */
import { randomBytes } from 'node:crypto';
import { zDomainName } from '@flatland/shared/model/names';
import { clampPrivateKey, publicKeyOf } from '../../src/core/noise/keys.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { routerRuleset } from '../../src/io/linux/router-ruleset.ts';
import type { Sandbox } from '../../test/support/sandbox.ts';
import { address, joinTwoNamespaces, startForwarder, wg } from '../../test/support/underlay.ts';

export const MTU_BYTES = 1_420;

/** A way, and the addresses of `n2` that lead over it. */
export interface MeasuredPath {
  readonly name: string;
  /** The IPv6 address, where the way has one. */
  readonly target6?: string;
  readonly make: (sandbox: Sandbox) => Promise<string>;
}

/** As a service has it, and as programs that go into the background have it: Linux shares CPUs out among sessions. */
const OWN_SESSION = ['setsid', '--wait'];
const UNDERLAY = '192.168.9.2';
const UNDERLAY_6 = 'fd09::2';
const INNER = '10.9.0.2';
const INNER_6 = 'fd10::2';

export const vethPath: MeasuredPath = {
  name: 'veth alone',
  target6: UNDERLAY_6,
  make: async (sandbox) => {
    await joinTwoNamespaces(sandbox);
    return UNDERLAY;
  },
};

export const vxlanPath: MeasuredPath = {
  name: 'kernel VXLAN',
  make: async (sandbox) => {
    await joinTwoNamespaces(sandbox);
    for (const n of [1, 2]) {
      const far = `remote 192.168.9.${3 - n} local 192.168.9.${n} dev v${n}`;
      await sandbox.ip(`-n n${n} link add vx${n} type vxlan id 42 dstport 4789 ${far}`);
      await sandbox.ip(`-n n${n} addr add 10.9.0.${n}/24 dev vx${n}\n-n n${n} link set vx${n} up`);
    }
    return INNER;
  },
};

/** Two members of one node: `n1` and `n2` on a domain's router, with its rules. */
export const sameNodePath: MeasuredPath = {
  name: 'same node',
  make: async (sandbox) => {
    await sandbox.ip('netns add router\n-n router link set lo up');
    for (const n of [1, 2]) {
      await sandbox.ip(`
        netns add n${n}
        link add v${n} netns n${n} type veth peer name m${n} netns router
        -n n${n} addr add 10.9.0.${n}/32 dev v${n}
        -n n${n} link set v${n} up
        -n router link set m${n} up
        -n router route add 10.9.0.${n}/32 dev m${n}
        -n router addr add 10.9.0.254/32 dev m${n}
        -n n${n} route add 10.9.0.254/32 dev v${n}
        -n n${n} route add 10.9.0.0/24 via 10.9.0.254 dev v${n}`);
    }
    await sandbox.must(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'], { netns: 'router' });
    await sandbox.must(['nft', '-f', '-'], {
      netns: 'router',
      input: routerRuleset(zDomainName.parse('bench')).text,
    });
    return INNER;
  },
};

/** Our forwarder, natively or portably. */
export function forwarderPath(kind: 'native' | 'portable'): MeasuredPath {
  return {
    name: `flatland, ${kind}`,
    target6: INNER_6,
    make: (sandbox) =>
      tunnel(sandbox, async (netns, device) => {
        const { client } = await startForwarder(sandbox, netns, { FLATLAND_FORWARDER: kind }, OWN_SESSION);
        const made = await client.ensureDevice({ name: device, mtuBytes: MTU_BYTES });
        if (!made.ok) throw new Error(made.error.message);
        const { path } = made.value.report;
        if (path.kind !== kind) throw new Error(`the forwarder is not ${kind}: ${path.reason ?? ''}`);
      }),
  };
}

/** A program that makes the interface named last on its command line, and goes on in the background. */
export function programPath(name: string, command: readonly string[]): MeasuredPath {
  return {
    name,
    target6: INNER_6,
    make: (sandbox) =>
      tunnel(sandbox, async (netns, device) => {
        await sandbox.must([...command, device], { netns });
        await sandbox.ip(`-n ${netns} link set ${device} mtu ${MTU_BYTES}`);
      }),
  };
}

/** A WireGuard tunnel between the namespaces. */
async function tunnel(
  sandbox: Sandbox,
  makeDevice: (netns: string, device: string) => Promise<void>,
): Promise<string> {
  await joinTwoNamespaces(sandbox);
  const keys = [1, 2].map(() => clampPrivateKey(randomBytes(32)));
  for (const n of [1, 2] as const) {
    const peer = 3 - n;
    await makeDevice(`n${n}`, `wg${n}`);
    const privateKey = Buffer.from(keys[n - 1]!.expose()).toString('base64');
    const peerKey = publicKeyOf(nodeWireguardCrypto.publicKey(keys[peer - 1]!.expose()));
    const own = `listen-port 500${n} private-key /dev/stdin`;
    const about = `peer ${peerKey} allowed-ips 10.9.0.${peer}/32,fd10::${peer}/128 endpoint 192.168.9.${peer}:500${peer}`;
    await wg(sandbox, `n${n}`, `set wg${n} ${own} ${about}`, privateKey);
    await address(sandbox, `n${n}`, `wg${n}`, n);
  }
  return INNER;
}
