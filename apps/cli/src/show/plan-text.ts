import type { PlannedChange } from '@flatland/bff/api/change-set';
import { refusalText } from '@flatland/shared/reason/reasons';
import { workloadLabel } from '@flatland/shared/topology/ids';
import pc from 'picocolors';

const SIGNS = {
  create: pc.green('+'),
  update: pc.yellow('~'),
  delete: pc.red('-'),
  mint: pc.green('+'),
  forget: pc.red('-'),
} as const;
const MAX_PAIRS = 12;

/** A plan for people: the sentence, pairs gained and lost, objects with their changed fields, what refuses and what warns. */
export function planText({ plan, dryRun }: PlannedChange): string {
  const refused = new Map(
    dryRun.flatMap((entry) => (entry.outcome === 'refused' ? [[entry.stepId, entry.refusal] as const] : [])),
  );
  return [
    pc.bold(plan.sentence),
    ...pairs('gained', plan.effect.gained, pc.green),
    ...pairs('lost', plan.effect.lost, pc.red),
    ...plan.steps.flatMap((step) => [
      `${SIGNS[step.action]} ${step.cluster}  ${
        step.token === undefined
          ? `${step.object.kind} ${[step.object.namespace, step.object.name].filter(Boolean).join('/')}`
          : `token of the link to ${step.token.issuer}`
      }`,
      ...step.diff.map((change) => pc.dim(`    ${change.op} ${change.path || 'object'}`)),
      ...(refused.has(step.id)
        ? [pc.red(`    the cluster refuses it: ${refusalText(refused.get(step.id)!)}`)]
        : []),
    ]),
    ...plan.warnings.map((warning) => pc.yellow(`! ${refusalText(warning)}`)),
    ...plan.refusals.map((refusal) => pc.red(`✗ ${refusalText(refusal)}`)),
  ].join('\n');
}

function pairs(
  title: string,
  all: PlannedChange['plan']['effect']['gained'],
  paint: (text: string) => string,
): string[] {
  if (all.length === 0) return [];
  const shown = all
    .slice(0, MAX_PAIRS)
    .map((pair) => paint(`  ${workloadLabel(pair.from)} → ${workloadLabel(pair.to)}`));
  const rest = all.length > MAX_PAIRS ? [pc.dim(`  and ${all.length - MAX_PAIRS} more`)] : [];
  return [`${title} ${all.length}:`, ...shown, ...rest];
}
