/** Two namespaces with a router between them: `n1` (192.168.1.100) - `r` - `n2` (10.0.0.100), and the same in IPv6. */
import type { Sandbox } from '../../support/sandbox.ts';

export const ROUTED = {
  one: { 4: '192.168.1.100', 6: 'fd01::100' },
  two: { 4: '10.0.0.100', 6: 'fd02::100' },
} as const;

/** Joins them; each reaches the other through its default route. The router's cables are `r1` and `r2`. */
export async function joinThroughRouter(sandbox: Sandbox): Promise<void> {
  await sandbox.ip('netns add n1\nnetns add n2\nnetns add r\n-n r link set lo up');
  for (const [n, gateway, gateway6] of [
    [1, '192.168.1.1', 'fd01::1'],
    [2, '10.0.0.1', 'fd02::1'],
  ] as const) {
    const ends = n === 1 ? ROUTED.one : ROUTED.two;
    await sandbox.ip(`
      link add v${n} netns n${n} type veth peer name r${n} netns r
      -n r addr add ${gateway}/24 dev r${n}
      -n r addr add ${gateway6}/64 dev r${n} nodad
      -n n${n} addr add ${ends[4]}/24 dev v${n}
      -n n${n} addr add ${ends[6]}/64 dev v${n} nodad
      -n n${n} link set lo up
      -n n${n} link set v${n} up
      -n r link set r${n} up
      -n n${n} route add default via ${gateway}
      -n n${n} -6 route add default via ${gateway6}`);
  }
  await setSysctls(sandbox, 'r', { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 });
}

export async function setSysctls(
  sandbox: Sandbox,
  netns: string,
  values: Readonly<Record<string, number>>,
): Promise<void> {
  const settings = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  await sandbox.must(['sysctl', '-q', '-w', ...settings], { netns });
}

/** Loads rules of nftables in a namespace. */
export async function loadRules(sandbox: Sandbox, netns: string, rules: string): Promise<void> {
  await sandbox.must(['nft', '-f', '-'], { netns, input: rules });
}
