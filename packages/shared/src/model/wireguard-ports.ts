/** UDP ports that agents take one from for each domain where nobody configured others; the first and the last. */
export const DEFAULT_WIREGUARD_PORTS = { first: 51_820, last: 51_919 } as const;
