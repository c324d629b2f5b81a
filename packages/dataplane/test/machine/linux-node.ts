import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DomainName } from '@flatland/shared/model/names';
import { ipBatch } from '../../src/io/linux/ip-batch.ts';
import { LinuxHostNetwork } from '../../src/io/linux/linux-host-network.ts';
import { namedPodRuntime } from '../../src/io/linux/named-pod-runtime.ts';
import { inNamespace, pingFrom, sendForgedFrom } from './pod-commands.ts';
import type { HostNetworkWorld } from '../compliance/host-network-compliance.ts';

const run = promisify(execFile);

/**
 * A node of the private machine: pods are namespaces with a default route to `outside`. Once that
 * listens, it answers for every address of 10.81.0.0/16 and fd00:81::/48, so that a leak is seen.
 */
export async function linuxNode(): Promise<HostNetworkWorld & { listenOutside(): Promise<void> }> {
  const deps = { pods: namedPodRuntime(), nowMs: () => Date.now() };
  let nPods = 0;
  await run('ip', ['netns', 'add', 'outside']);
  await inNamespace('outside', ['ip', 'link', 'set', 'lo', 'up']);

  return {
    network: new LinuxHostNetwork(deps),
    restarted: () => new LinuxHostNetwork(deps),
    async addPod(podUid) {
      const name = `pod-${podUid}`;
      const n = ++nPods;
      await run('ip', ['netns', 'add', name]);
      await ipBatch(`/run/netns/${name}`, [
        'link set lo up',
        `link add eth0 type veth peer name p${n} netns outside`,
        'link set eth0 up',
        `addr add 10.244.${n}.2/24 dev eth0`,
        `addr add fd44:${n}::2/64 dev eth0 nodad`,
        `route add default via 10.244.${n}.1`,
        `route add default via fd44:${n}::1`,
      ]);
      await ipBatch('/run/netns/outside', [
        `addr add 10.244.${n}.1/24 dev p${n}`,
        `addr add fd44:${n}::1/64 dev p${n} nodad`,
        `link set p${n} up`,
      ]);
    },
    async removePod(podUid) {
      await run('ip', ['netns', 'del', `pod-${podUid}`]);
      await new Promise((resolve) => setTimeout(resolve, 200));
    },
    async addDevice(domain: DomainName) {
      const name = `wg-${domain}`;
      await inNamespace(`fl-${domain}`, ['ip', 'tuntap', 'add', 'dev', name, 'mode', 'tun']);
    },
    ping: (podUid, to, options = {}) => pingFrom(`pod-${podUid}`, to, options),
    sendForged: (podUid, forged) => sendForgedFrom(`pod-${podUid}`, forged),
    async listenOutside() {
      await inNamespace('outside', ['ip', 'route', 'add', 'local', '10.81.0.0/16', 'dev', 'lo']);
      await inNamespace('outside', ['ip', '-6', 'route', 'add', 'local', 'fd00:81::/48', 'dev', 'lo']);
      // The first neighbour discovery on a fresh link takes long.
      for (let n = 1; n <= nPods; n++) await inNamespace('outside', ['ping', '-c1', '-w5', `fd44:${n}::2`]);
    },
    async close() {
      const { stdout } = await run('ip', ['netns', 'list']);
      for (const line of stdout.split('\n')) {
        const name = line.split(' ')[0];
        if (name) await run('ip', ['netns', 'del', name]);
      }
    },
  };
}
