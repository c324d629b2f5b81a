import { readdir, readFile } from 'node:fs/promises';

/** Variable that marks every process of a test. */
export const MARK = 'FLATLAND_TEST_MARK';

/** Processes that carry a mark in their environment, as `PID COMMAND`. */
export async function markedProcesses(mark: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      try {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
        if (!environment.split('\0').includes(`${MARK}=${mark}`)) return undefined;
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
        return `${pid} ${command.replaceAll('\0', ' ').trim()}`;
      } catch {
        return undefined;
      }
    }),
  );
  return found.filter((line) => line !== undefined).sort();
}

/** What of this machine's own network and mounts a lab could have touched. */
export async function hostTraces(
  directory: string,
): Promise<{ mounts: string[]; links: string[]; netns: string[] }> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8');
  const isOurs = (line: string) =>
    line.includes(directory) || line.includes('/run/nodes/') || line.includes('/pod-');
  return {
    mounts: mountinfo.split('\n').filter(isOurs),
    links: (await readdir('/sys/class/net')).filter((name) =>
      /^(lan\d|wan\d|cni0|fl-|wg-|veth[0-9a-f]{11})/.test(name),
    ),
    netns: (await readdir('/run/netns').catch((): string[] => [])).filter((name) =>
      /^(pod-|fl-|router-)/.test(name),
    ),
  };
}

/** What `hostTraces` gives where nothing was touched. */
export const NO_TRACES = { mounts: [], links: [], netns: [] };
