import { execFileSync } from 'node:child_process';

/** `unshare` as this user may use it: with a user namespace unless it is root already. */
export const UNSHARE = [
  ...(process.getuid?.() === 0 ? [] : ['-U', '-r']),
  '-n',
  '-m',
  '-p',
  '-f',
  '--kill-child',
  '--mount-proc',
];

/** What this machine lacks for tests with real interfaces; undefined where they can run. */
export function machineLack(): string | undefined {
  for (const program of ['unshare', 'nsenter', 'ip', 'nft', 'ping', 'mount'])
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
    } catch {
      return `the program ${program}`;
    }
  try {
    execFileSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/run'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'the right to make network namespaces';
  }
}
