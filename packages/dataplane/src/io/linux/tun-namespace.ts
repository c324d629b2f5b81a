/** Runs a few synchronous calls inside another network namespace. */
import { err, ok, type Result } from '@flatland/shared/result';
import type { Libc } from './tun-libc.ts';

const O_RDONLY_CLOEXEC = 0o2000000;
const CLONE_NEWNET = 0x40000000;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const PATH = /^(\/(var\/)?run\/netns\/[A-Za-z0-9][A-Za-z0-9_.-]{0,62}|\/proc\/[0-9]{1,10}\/ns\/net)$/;

/** The path of a namespace that is given by its name (`ip netns list`) or by a path to it. */
export function namespacePath(namespace: string): Result<string, string> {
  if (PATH.test(namespace)) return ok(namespace);
  if (NAME.test(namespace)) return ok(`/run/netns/${namespace}`);
  return err(
    'a network namespace is a name as `ip netns list` shows it, a path under /run/netns, or /proc/PID/ns/net',
  );
}

/** Does something in the namespace at a path and comes back. The work must not wait for anything. */
export function inNamespace<T>(libc: Libc, path: string, work: () => T): Result<T, string> {
  const target = libc.open(path, O_RDONLY_CLOEXEC);
  if (target < 0) return err(`cannot open network namespace ${path}: ${libc.errorName(libc.errno())}`);
  try {
    return inNamespaceOf(libc, target, work);
  } finally {
    libc.close(target);
  }
}

/** `inNamespace` for a namespace that is open already. */
export function inNamespaceOf<T>(libc: Libc, target: number, work: () => T): Result<T, string> {
  const home = libc.open('/proc/thread-self/ns/net', O_RDONLY_CLOEXEC);
  if (home < 0) return err(`cannot open our own network namespace: ${libc.errorName(libc.errno())}`);
  try {
    if (libc.setns(target, CLONE_NEWNET) < 0)
      return err(`cannot enter the network namespace: ${libc.errorName(libc.errno())}`);
    try {
      return ok(work());
    } finally {
      // Nothing of this process may go on in the wrong namespace.
      if (libc.setns(home, CLONE_NEWNET) < 0) process.abort();
    }
  } finally {
    libc.close(home);
  }
}
