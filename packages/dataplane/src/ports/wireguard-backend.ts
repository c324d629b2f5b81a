import type { DomainName } from '@flatland/shared/model/names';
import type { DeviceConfiguration } from '../core/configuration/device-configuration.ts';
import type { DeviceReport } from '../core/device/snapshot.ts';
import type { WireguardDeviceRequest } from './wireguard-control.ts';

/** Whoever carries the packets: a forwarder process, or the devices of an in-memory node. */
export interface WireguardBackend {
  ensure(request: WireguardDeviceRequest): Promise<void>;
  remove(domain: DomainName): Promise<void>;
  list(): Promise<readonly DomainName[]>;
  /** All of the change or nothing; throws where it is refused. */
  change(domain: DomainName, change: DeviceConfiguration): Promise<void>;
  report(domain: DomainName): Promise<DeviceReport | undefined>;
  /** Calls when it started anew and has forgotten its devices. Returns the end of it. */
  onRestart(listener: () => void): () => void;
}
