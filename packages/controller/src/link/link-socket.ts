import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Finds the unix socket of a linked cluster's API in a directory; none without a directory, or without a socket. */
export function linkSocket(directory: string | undefined): (cluster: string) => string | undefined {
  return (cluster) => {
    if (directory === undefined || directory === '' || !/^[a-z0-9-]{1,63}$/.test(cluster)) return undefined;
    const path = join(directory, `${cluster}.sock`);
    return existsSync(path) ? path : undefined;
  };
}
