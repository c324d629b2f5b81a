/** ICMP errors of a device in a domain's router, which come from the router's own addresses. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { zDomainName } from '@flatland/shared/model/names';
import { expect, it } from 'vitest';
import { ROUTER_SETTINGS } from '../../src/io/linux/router-namespace.ts';
import { routerRuleset } from '../../src/io/linux/router-ruleset.ts';
import { wireguardDeviceName } from '../../src/ports/interface-names.ts';
import { newKeys, startForwarderDevice } from './support/device.ts';
import { echo } from './support/echo.ts';
import { describeOnEachPath, inSandbox } from './support/packet-paths.ts';

const DOMAIN = zDomainName.parse('red');
const DEVICE = wireguardDeviceName(DOMAIN);
const ROUTER = { 4: '10.81.0.1', 6: 'fd81::1' } as const;
const MEMBER = { 4: '10.81.0.2', 6: 'fd81::2' } as const;
/** In the block of a node whose endpoint is not known. */
const FAR = { 4: '10.81.16.2', 6: 'fd81:16::2' } as const;

describeOnEachPath('a member of a domain', ['nft'], (path) => {
  it('is told by the router that a node cannot be reached', () =>
    inSandbox(async (sandbox) => {
      await sandbox.ip('netns add router\nnetns add pod\n-n router link set lo up');
      for (const [name, value] of Object.entries(ROUTER_SETTINGS))
        await sandbox.must(['sysctl', '-q', '-w', `net.${name.replaceAll('/', '.')}=${value}`], {
          netns: 'router',
        });
      await sandbox.must(['nft', '-f', '-'], { netns: 'router', input: routerRuleset(DOMAIN).text });
      const device = await startForwarderDevice(
        sandbox,
        { netns: 'router', name: DEVICE, path },
        Object.values(ROUTER) as IpAddress[],
      );
      const far = newKeys();
      await device.set('private-key /dev/stdin', newKeys().privateKey);
      await device.set(`peer ${far.publicKey} allowed-ips 10.81.16.0/28,fd81:16::/64`);
      await sandbox.ip(`
        link add eth netns pod address 02:00:00:00:00:02 type veth peer name m1 netns router address 02:00:00:00:00:01
        -n router addr add ${ROUTER[4]}/32 dev lo
        -n router addr add ${ROUTER[6]}/128 dev lo nodad
        -n router link set m1 up
        -n router link set ${DEVICE} up
        -n pod link set eth up
        -n router route add ${MEMBER[4]}/32 dev m1
        -n router -6 route add ${MEMBER[6]}/128 dev m1
        -n router route add 10.81.16.0/28 dev ${DEVICE}
        -n router -6 route add fd81:16::/64 dev ${DEVICE}
        -n router neigh add ${MEMBER[6]} lladdr 02:00:00:00:00:02 dev m1
        -n pod neigh add ${ROUTER[6]} lladdr 02:00:00:00:00:01 dev eth
        -n pod addr add ${MEMBER[4]}/32 dev eth
        -n pod addr add ${MEMBER[6]}/128 dev eth nodad
        -n pod route add ${ROUTER[4]}/32 dev eth
        -n pod -6 route add ${ROUTER[6]}/128 dev eth
        -n pod route add 10.81.0.0/16 via ${ROUTER[4]} dev eth
        -n pod -6 route add fd81::/16 via ${ROUTER[6]} dev eth`);
      await device.listens();
      for (const family of [4, 6] as const) {
        const { text } = await echo(sandbox, { netns: 'pod', to: FAR[family], waitSeconds: 5 });
        expect(text).toContain(`From ${ROUTER[family]} `);
        expect(text).toMatch(/Destination Host Unreachable|Address unreachable/);
      }
      // What a member sends in the router's name is still dropped.
      await sandbox.ip(
        `-n pod addr add ${ROUTER[4]}/32 dev eth\n-n pod addr add ${ROUTER[6]}/128 dev eth nodad`,
      );
      const nHeard = async () => (await device.report()).drops['no-endpoint'];
      const before = await nHeard();
      for (const family of [4, 6] as const)
        await echo(sandbox, { netns: 'pod', to: FAR[family], from: ROUTER[family], waitSeconds: 1 });
      expect([before, await nHeard()]).toEqual([2, 2]);
    }));
});
