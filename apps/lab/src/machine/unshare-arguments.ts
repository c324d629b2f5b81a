/**
 * Arguments of unshare(1) for a private machine: network, mounts, processes, and where the user is not root also
 * users. With `--kill-child` everything inside ends when unshare does.
 */
export function unshareArguments(asRoot: boolean): string[] {
  const user = asRoot ? [] : ['--user', '--map-root-user'];
  return [...user, '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--ipc'];
}
