import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import { INSTALL_FIELD_MANAGER } from '../install/apply-install.ts';
import { installOptions, type InstallFlags } from '../install/install-flags.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { fileName, refuseFilledDirectory } from './export.ts';

/**
 * `flatland export --install CLUSTER DIR`: what `flatland install` applies, a file an object, numbered, so that
 * `kubectl apply --server-side -f DIR` takes them in their order; `flatland install` goes on from there where the field
 * manager is its own.
 */
export function exportInstall(
  io: CommandIo,
  options: InstallFlags & { readonly json?: boolean },
  target: { readonly directory: string; readonly cluster: string },
): void {
  const objects = installManifests(installOptions(options, target.cluster));
  refuseFilledDirectory(target.directory);
  mkdirSync(target.directory, { recursive: true });
  const files = objects.map((object, index) => {
    const path = join(target.directory, `${String(index).padStart(2, '0')}-${fileName(object)}`);
    writeFileSync(path, stableYaml(object));
    return path;
  });
  print(io, options, { files }, () =>
    [
      `${files.length} objects written to ${target.directory}; install them with:`,
      `kubectl apply --server-side --field-manager=${INSTALL_FIELD_MANAGER} -f ${target.directory}`,
    ].join('\n'),
  );
}
