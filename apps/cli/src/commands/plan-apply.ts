import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Intent } from '@flatland/shared/intent/intent';
import { parseManifests } from '@flatland/shared/manifest/parse-manifests';
import { zDomainSpec } from '@flatland/shared/model/domain';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName } from '@flatland/shared/model/names';
import type { Topology } from '@flatland/shared/topology/topology';
import { CommandError, EXIT } from '../io/command-error.ts';
import type { CommandIo } from '../io/command-io.ts';
import { applyChange, type ChangeOptions } from './apply-change.ts';
import { readTopology } from './join-leave.ts';

/** Flags of `plan -f` and `apply -f`. */
export interface FileOptions extends ChangeOptions {
  readonly file: string;
  /** Where objects go whose folder does not say it. */
  readonly cluster?: string;
}

/** `flatland plan -f PATH`, `flatland apply -f PATH`: a file, `-`, or a folder with a folder for each cluster, as `export` writes it. */
export async function planOrApply(io: CommandIo, options: FileOptions): Promise<void> {
  const topology = await readTopology(io);
  const intents = readFiles(options.file).flatMap((file) => fileIntents(file, options.cluster, topology));
  if (intents.length === 0)
    throw new CommandError(`${options.file} holds no objects`, { exitCode: EXIT.usage });
  await applyChange(io, options, { title: `Apply ${basename(options.file)}`, intents });
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

function readFiles(path: string): SourceFile[] {
  if (path === '-') return [{ path, text: readFileSync(0, 'utf8') }];
  try {
    if (!statSync(path).isDirectory()) return [{ path, text: readFileSync(path, 'utf8') }];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .toSorted()
      .map((name) => ({ path: join(path, name), text: readFileSync(join(path, name), 'utf8') }));
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, {
      exitCode: EXIT.usage,
    });
  }
}

function fileIntents(file: SourceFile, cluster: string | undefined, topology: Topology): Intent[] {
  const objects = parseManifests(file.text);
  if (!objects.ok) throw new CommandError(`${file.path}: ${objects.error}`, { exitCode: EXIT.usage });
  return objects.value.flatMap((object) =>
    clustersOf(object, file, cluster, topology).map((name): Intent => ({
      kind: 'put-object',
      cluster: name,
      object,
    })),
  );
}

/** By flag, by folder, for a Domain by its own list, or the only cluster that there is. */
function clustersOf(
  object: KubernetesObject,
  file: SourceFile,
  flag: string | undefined,
  topology: Topology,
): ClusterName[] {
  if (flag !== undefined) return [flag as ClusterName];
  const folder = basename(dirname(file.path));
  if (topology.clusters[folder]) return [folder as ClusterName];
  const spec = object.kind === 'Domain' ? zDomainSpec.safeParse(object['spec']) : undefined;
  if (spec?.success) return spec.data.clusters.map((entry) => entry.name);
  const all = Object.values(topology.clusters);
  if (all.length === 1 && all[0]) return [all[0].id];
  throw new CommandError(`${file.path}: which cluster shall ${object.kind} ${object.metadata.name} go to?`, {
    next: 'Name it with --cluster, or put the file into a folder of that name',
    exitCode: EXIT.usage,
  });
}
