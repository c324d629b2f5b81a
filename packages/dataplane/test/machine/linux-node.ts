import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DomainName } from '@flatland/shared/model/names';
import { LinuxHostNetwork } from '../../src/io/linux/linux-host-network.ts';
import { namedPodRuntime } from '../../src/io/linux/named-pod-runtime.ts';
import { inNamespace, pingFrom, sendForgedFrom } from './pod-commands.ts';
import type { HostNetworkWorld } from '../compliance/host-network-compliance.ts';

const run = promisify(execFile);

/**
 * A node of the private machine: pods are namespaces with a default route to `outside`, which answers
 * for every address of 10.81.0.0/16 and fd00:81::/48 that reaches it, so that a leak is seen.
 */
export async function linuxNode(): Promise<HostNetworkWorld & { listenOutside(): Promise<void> }> {
  const deps = { pods: namedPodRuntime(), nowMs: () => Date.now() };
  const namespaces = new Set<string>(['outside']);
  let nPods = 0;
  await run('ip', ['netns', 'add', 'outside']);
  await inNamespace('outside', ['ip', 'link', 'set', 'lo', 'up']);

  return {
    network: new LinuxHostNetwork(deps),
    restarted: () => new LinuxHostNetwork(deps),
    async addPod(podUid) {
      const name = `pod-${podUid}`;
      const n = ++nPods;
      namespaces.add(name);
      await run('ip', ['netns', 'add', name]);
      const peer = ['peer', 'name', `p${n}`, 'netns', 'outside'];
      for (const side of ['outside', name])
        await inNamespace(side, ['sysctl', '-q', '-w', 'net.ipv6.conf.default.accept_dad=0']);
      await inNamespace(name, ['ip', 'link', 'add', 'eth0', 'type', 'veth', ...peer]);
      await inNamespace(name, ['ip', 'link', 'set', 'lo', 'up']);
      await inNamespace(name, ['ip', 'link', 'set', 'eth0', 'up']);
      await inNamespace(name, ['ip', 'addr', 'add', `10.244.${n}.2/24`, 'dev', 'eth0']);
      await inNamespace(name, ['ip', 'route', 'add', 'default', 'via', `10.244.${n}.1`]);
      await inNamespace(name, ['ip', 'addr', 'add', `fd44:${n}::2/64`, 'dev', 'eth0', 'nodad']);
      await inNamespace(name, ['ip', '-6', 'route', 'add', 'default', 'via', `fd44:${n}::1`]);
      await inNamespace('outside', ['ip', 'addr', 'add', `10.244.${n}.1/24`, 'dev', `p${n}`]);
      await inNamespace('outside', ['ip', 'addr', 'add', `fd44:${n}::1/64`, 'dev', `p${n}`, 'nodad']);
      await inNamespace('outside', ['ip', 'link', 'set', `p${n}`, 'up']);
    },
    async removePod(podUid) {
      namespaces.delete(`pod-${podUid}`);
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
      namespaces.clear();
    },
  };
}
