import { zDomainName, type DomainName } from '@flatland/shared/model/names';
import type { Result } from '@flatland/shared/result';
import { domainNamespaceName, wireguardDeviceName } from '../../ports/interface-names.ts';
import type { ForwarderClient, ForwarderError } from '../../wireguard/forwarder-client.ts';
import type { WireguardBackend } from '../../ports/wireguard-backend.ts';

const PREFIX = 'wg-';

/** The node's forwarder process as a backend. */
export function forwarderBackend(client: ForwarderClient): WireguardBackend {
  return {
    async ensure({ domain, mtuBytes, routerAddresses, timestampFloor }) {
      orThrow(
        await client.ensureDevice({
          name: wireguardDeviceName(domain),
          namespace: domainNamespaceName(domain),
          mtuBytes,
          isPersistent: true,
          routerAddresses,
          ...(timestampFloor !== undefined && { timestampFloor }),
        }),
      );
    },
    async remove(domain) {
      orThrow(await client.removeDevice(wireguardDeviceName(domain)));
    },
    async list() {
      const devices = orThrow(await client.devices());
      return devices.flatMap(({ name }) => domainOf(name));
    },
    async change(domain, change) {
      orThrow(await client.configure(wireguardDeviceName(domain), change));
    },
    async report(domain) {
      const device = await client.device(wireguardDeviceName(domain));
      if (!device.ok && device.error.code === 'not-found') return undefined;
      return orThrow(device).report;
    },
    onRestart(listener) {
      let instance: string | undefined;
      return client.watch((event) => {
        if (event.kind !== 'hello') return;
        if (instance !== undefined && instance !== event.instance) listener();
        instance = event.instance;
      });
    },
  };
}

function domainOf(device: string): DomainName[] {
  const domain = zDomainName.safeParse(device.slice(PREFIX.length));
  return device.startsWith(PREFIX) && domain.success ? [domain.data] : [];
}

function orThrow<T>(result: Result<T, ForwarderError>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
