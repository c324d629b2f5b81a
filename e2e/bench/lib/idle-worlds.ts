import { readdirSync, readFileSync } from 'node:fs';
import { takeDown } from '../../clusters/down.ts';
import { installFlatland, uninstallFlatland } from '../../clusters/flatland.ts';
import { given, settings } from '../../clusters/given.ts';
import { CGROUP, CLUSTERS } from '../../clusters/layout.ts';
import { sampleIntent } from '../../clusters/sample.ts';
import { bringUp, isUp } from '../../clusters/up.ts';
import { apply } from '../../kubernetes/support.ts';
import { startStack } from '../../src/stack.ts';

/** Where Flatland runs with the sample's domains, for as long as it is measured. */
export interface IdleWorld extends AsyncDisposable {
  /** What runs where. */
  readonly name: string;
  /** The processes of `agent`, `forwarder` or `controller`, by their ids on this machine. */
  processesOf(program: string): number[];
}

/** The lab's embedded clusters, kernel datapath. */
export async function labWorld(): Promise<IdleWorld> {
  const stack = await startStack({ env: { FLATLAND_DATAPATH: 'kernel', FLATLAND_PORT: '0' } });
  return {
    name: 'the lab’s six nodes, two domains, kernel datapath',
    processesOf: (program) =>
      processesWhere(
        (read) =>
          argumentOf(read('cmdline')).endsWith(`/build/${program}.js`) &&
          read('environ').includes(`${stack.dataDir}/`),
      ),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** Two real clusters, brought up where they are not, with the image of this checkout. */
export async function clustersWorld(): Promise<IdleWorld> {
  const wasUp = await isUp(settings.directory);
  await bringUp(settings, console.log);
  await installFlatland(given);
  for (const { name } of CLUSTERS) await apply(name, sampleIntent(name));
  return {
    name: 'two real clusters, four nodes, the sample’s domains',
    processesOf: (program) =>
      processesWhere(
        (read) =>
          argumentOf(read('cmdline')).endsWith(`/flatland-${program}`) &&
          read('cgroup').includes(`/${CGROUP}/`),
      ),
    [Symbol.asyncDispose]: () => (wasUp ? uninstallFlatland(given) : takeDown(settings.directory)),
  };
}

function processesWhere(is: (read: (file: string) => string) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return is((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      } catch {
        // It has ended, or is another user's.
        return false;
      }
    });
}

/** The file that Node.js was started with. */
function argumentOf(commandLine: string): string {
  return commandLine.split('\0')[1] ?? '';
}
