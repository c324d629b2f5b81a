import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nsmExport } from '@flatland/shared/manifest/nsm/nsm-export';
import { refusalText } from '@flatland/shared/reason/reasons';
import { CommandError } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { refuseFilledDirectory } from './export.ts';
import { readTopology } from './join-leave.ts';

/** `flatland export DIR --nsm DOMAIN`: the domain as objects of Network Service Mesh, a folder a cluster; nothing is applied. */
export async function exportNsm(
  io: CommandIo,
  options: { readonly json?: boolean },
  what: { readonly directory: string; readonly domain: string },
): Promise<void> {
  refuseFilledDirectory(what.directory);
  const { files, refusals, notes } = nsmExport(await readTopology(io), what.domain);
  if (refusals.length > 0) throw new CommandError(refusals.map(refusalText).join('\n'));
  const written = files.map(({ path, text }) => {
    const target = join(what.directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    return target;
  });
  print(io, options, { files: written, notes }, () =>
    [`${written.length} files written to ${what.directory}`, ...notes.map(refusalText)].join('\n'),
  );
}
