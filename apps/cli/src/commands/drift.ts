import type { ChangeSet, FieldChoice } from '@flatland/bff/api/change-set';
import type { DriftDetail } from '@flatland/bff/api/drift';
import { REASONS } from '@flatland/shared/reason/reasons';
import { callConsole, openConsoleApi, type ConsoleApi } from '../api/console-api.ts';
import { CommandError, EXIT } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { changeSetText } from '../show/change-set-text.ts';
import { driftText, objectPath } from '../show/drift-text.ts';
import { applyDraft, type ChangeOptions } from './apply-change.ts';

/** `flatland drift`: every object that is not what was applied, field by field. Fails where there is one. */
export async function drift(io: CommandIo, options: { readonly json?: boolean }): Promise<void> {
  const api = openConsoleApi(io.env);
  const found = await callConsole(() => api.drift.list.query());
  const details: DriftDetail[] = [];
  for (const { id } of found) details.push(await detailOf(api, id));
  print(io, options, details, () =>
    details.length === 0 ? 'everything is as it was applied' : details.map(driftText).join('\n'),
  );
  if (details.length > 0)
    throw new CommandError(
      `${details.length} ${details.length === 1 ? 'object is' : 'objects are'} not as applied`,
      {
        next: `${REASONS.drifted.next}: flatland drift adopt|restore OBJECT`,
      },
    );
}

/** `flatland drift adopt OBJECT`: what is there becomes what is wanted; nothing is written. */
export async function adoptDrift(
  io: CommandIo,
  options: { readonly json?: boolean },
  name: string,
): Promise<void> {
  const api = openConsoleApi(io.env);
  const { id, seen } = await detailOf(api, await findId(api, name));
  const adopted = (await callConsole(() => api.drift.adopt.mutate({ objects: [{ id, seen }] }))) as ChangeSet;
  print(io, options, adopted, () => `${adopted.planned.plan.sentence}\n${changeSetText(adopted)}`);
}

/** Flags of `drift restore`. */
export interface RestoreOptions extends ChangeOptions {
  /** Force the fields that others changed, and no others. */
  readonly takeOver?: boolean;
}

/** `flatland drift restore OBJECT`: a change set that puts back what was applied. */
export async function restoreDrift(io: CommandIo, options: RestoreOptions, name: string): Promise<void> {
  const api = openConsoleApi(io.env);
  const id = await findId(api, name);
  const draft = (await callConsole(() => api.drift.restore.mutate({ ids: [id] }))) as ChangeSet;
  const choices = options.takeOver === true ? await takenOver(api, draft) : [];
  await applyDraft(io, options, { draft, choices });
}

/** Takes over what somebody else put there, of exactly what is there now. */
async function takenOver(api: ConsoleApi, { summary: { id } }: ChangeSet): Promise<FieldChoice[]> {
  const conflicts = await callConsole(() => api.changeSet.conflicts.query({ id }));
  return conflicts.flatMap(({ stepId, seen, fields }) =>
    fields
      .filter(({ contested }) => contested)
      .map(({ field }) => ({ stepId, seen, field, choice: 'take-over' as const })),
  );
}

async function detailOf(api: ConsoleApi, id: string): Promise<DriftDetail> {
  return (await callConsole(() => api.drift.get.query({ id }))) as DriftDetail;
}

/** The one drifted object that a text means: `CLUSTER/KIND/NAMESPACE/NAME`, or as much of its end as tells it apart. */
async function findId(api: ConsoleApi, name: string): Promise<string> {
  const drifted = await callConsole(() => api.drift.list.query());
  const [first, ...others] = drifted.filter(({ object }) => isMeant(objectPath(object), name));
  const next = 'List them with: flatland drift';
  if (first === undefined)
    throw new CommandError(`nothing called ${name} is other than it was applied`, {
      next,
      exitCode: EXIT.usage,
    });
  if (others.length > 0) {
    const all = [first, ...others].map(({ object }) => objectPath(object)).join(', ');
    throw new CommandError(`${name} is ambiguous: ${all}`, { next, exitCode: EXIT.usage });
  }
  return first.id;
}

function isMeant(whole: string, text: string): boolean {
  return whole.toLowerCase() === text.toLowerCase() || whole.toLowerCase().endsWith(`/${text.toLowerCase()}`);
}
