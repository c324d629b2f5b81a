/** What the forwarder's control socket speaks: HTTP with JSON, and WireGuard's own lines for configuration. */
import { parseIpAddress, type IpAddress } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import type { DeviceEvent } from '../core/device/device-state.ts';
import type { DeviceLoopReport } from './device-loop.ts';
import type { DeviceRequest } from './device-registry.ts';

/** A device as the control socket describes it. */
export interface DeviceDescription {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly report: DeviceLoopReport;
}

/** A line of the event stream. The first one is `hello`, with another instance after each start of the process. */
export type ForwarderEvent =
  | { readonly kind: 'hello'; readonly instance: string }
  | { readonly kind: 'device'; readonly device: string; readonly event: DeviceEvent };

const MIN_MTU_BYTES = 68;
const MAX_MTU_BYTES = 65_535;
const TIMESTAMP = /^[0-9a-f]{24}$/;

/** Reads the body of a request for a device. */
export function parseDeviceRequest(name: string, body: unknown): Result<DeviceRequest, string> {
  if (typeof body !== 'object' || body === null) return err('the body must be a JSON object');
  const { namespace, mtuBytes, isPersistent, routerAddresses, timestampFloor, ...rest } = body as Record<
    string,
    unknown
  >;
  if (Object.keys(rest).length > 0) return err(`unknown field ${JSON.stringify(Object.keys(rest)[0])}`);
  if (namespace !== undefined && typeof namespace !== 'string') return err('namespace must be a string');
  if (typeof mtuBytes !== 'number' || !Number.isInteger(mtuBytes)) return err('mtuBytes must be a number');
  if (mtuBytes < MIN_MTU_BYTES || mtuBytes > MAX_MTU_BYTES)
    return err(`mtuBytes must be from ${MIN_MTU_BYTES} to ${MAX_MTU_BYTES}`);
  if (isPersistent !== undefined && typeof isPersistent !== 'boolean')
    return err('isPersistent must be true or false');
  if (timestampFloor !== undefined && !(typeof timestampFloor === 'string' && TIMESTAMP.test(timestampFloor)))
    return err('timestampFloor must be a TAI64N timestamp in hexadecimal');
  const addresses = parseAddresses(routerAddresses ?? []);
  if (!addresses.ok) return addresses;
  return ok({
    name,
    mtuBytes,
    isPersistent: isPersistent === true,
    routerAddresses: addresses.value,
    ...(namespace === undefined ? {} : { namespace }),
    ...(timestampFloor === undefined ? {} : { timestampFloor }),
  });
}

function parseAddresses(value: unknown): Result<IpAddress[], string> {
  if (!Array.isArray(value)) return err('routerAddresses must be a list');
  const addresses: IpAddress[] = [];
  for (const text of value) {
    const address = parseIpAddress(String(text));
    if (!address.ok) return address;
    addresses.push(address.value);
  }
  return ok(addresses);
}
