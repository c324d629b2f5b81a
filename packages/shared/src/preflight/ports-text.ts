import { DEFAULT_WIREGUARD_PORTS } from '../model/wireguard-ports.ts';

/** The ports as firewall rules write them. */
export const WIREGUARD_PORTS_TEXT = `${DEFAULT_WIREGUARD_PORTS.first}-${DEFAULT_WIREGUARD_PORTS.last}`;
