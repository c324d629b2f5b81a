import { randomUUID } from 'node:crypto';
import type { ChangeSet, FieldChoice } from '@flatland/bff/api/change-set';
import type { Intent } from '@flatland/shared/intent/intent';
import { REASONS, whyRefused, type Refusal } from '@flatland/shared/reason/reasons';
import { callConsole, openConsoleApi, type ConsoleApi } from '../api/console-api.ts';
import { CommandError } from '../io/command-error.ts';
import { print, type CommandIo } from '../io/command-io.ts';
import { changeSetText } from '../show/change-set-text.ts';
import { planText } from '../show/plan-text.ts';

/** Flags of the commands that change something. */
export interface ChangeOptions {
  readonly json?: boolean;
  /** Print the plan, change nothing. */
  readonly planOnly?: boolean;
  /** Accept the plan's warnings. */
  readonly acknowledge?: boolean;
}

const POLL_MS = 200;
const PROOF_TIMEOUT_MS = 60_000;
const SETTLED: ReadonlySet<string> = new Set(['proved', 'partial', 'reverted', 'expired']);

/** Plans intents, shows the plan, and applies it as a change set of the console; ends once packets proved it or it got stuck. */
export async function applyChange(
  io: CommandIo,
  options: ChangeOptions,
  change: { readonly title: string; readonly intents: readonly Intent[] },
): Promise<void> {
  const api = openConsoleApi(io.env);
  if (options.planOnly === true)
    return showPlan(
      io,
      options,
      await callConsole(() => api.changeSet.plan.mutate({ intents: [...change.intents] })),
    );
  const draft = await callConsole(() =>
    api.changeSet.create.mutate({
      title: change.title,
      intents: [...change.intents],
      idempotencyKey: randomUUID(),
    }),
  );
  await applyDraft(io, options, { draft: draft as ChangeSet, choices: [] });
}

/** Shows a draft's plan and applies it, with what was decided of fields that others own; ends once packets proved it or it got stuck. */
export async function applyDraft(
  io: CommandIo,
  options: ChangeOptions,
  { draft, choices }: { readonly draft: ChangeSet; readonly choices: readonly FieldChoice[] },
): Promise<void> {
  const api = openConsoleApi(io.env);
  const { plan, planHash } = draft.planned;
  if (options.planOnly === true) {
    await callConsole(() => api.changeSet.discard.mutate({ id: draft.summary.id }));
    return showPlan(io, options, draft.planned);
  }
  if (options.json !== true) io.out(planText(draft.planned));
  const obstacle = plan.refusals[0] ?? (options.acknowledge === true ? undefined : plan.warnings[0]);
  if (plan.steps.length === 0 || obstacle !== undefined) {
    await callConsole(() => api.changeSet.discard.mutate({ id: draft.summary.id }));
    if (obstacle === undefined) return print(io, options, draft.planned, () => 'nothing to apply');
    if (options.json === true) io.out(JSON.stringify(draft.planned, null, 2));
    throw plan.refusals.length > 0
      ? refusedError('the plan was not applied', obstacle)
      : new CommandError('the plan was not applied', { next: 'Accept its warnings with --acknowledge' });
  }
  await callConsole(() =>
    api.changeSet.applyPlan.mutate({
      id: draft.summary.id,
      expectedPlanHash: planHash,
      acknowledged: plan.warnings.map((warning) => warning.code),
      choices: [...choices],
    }),
  );
  const settled = await waitUntilSettled(api, draft.summary.id);
  print(io, options, settled, () => changeSetText(settled));
  if (settled.summary.state !== 'proved' && settled.summary.state !== 'applied')
    throw new CommandError(`the change set is ${settled.summary.state}`, {
      next: 'See it in the console under Activity; retry or revert it there',
    });
}

function showPlan(io: CommandIo, options: ChangeOptions, planned: ChangeSet['planned']): void {
  print(io, options, planned, () => planText(planned));
  const [refusal] = planned.plan.refusals;
  if (refusal !== undefined) throw refusedError('the plan is refused', refusal);
}

function refusedError(text: string, refusal: Refusal): CommandError {
  return new CommandError(`${text}: ${whyRefused(refusal)}`, { next: REASONS[refusal.code].next });
}

async function waitUntilSettled(api: ConsoleApi, id: string): Promise<ChangeSet> {
  const deadlineMs = Date.now() + PROOF_TIMEOUT_MS;
  for (;;) {
    const changeSet = await callConsole(() => api.changeSet.get.query({ id }));
    if (SETTLED.has(changeSet.summary.state) || Date.now() > deadlineMs) return changeSet as ChangeSet;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
