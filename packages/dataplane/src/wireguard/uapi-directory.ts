/** Where `wg` looks for the configuration sockets of userspace devices. */
export const UAPI_DIRECTORY = '/var/run/wireguard';
