import type { ChangeSet } from '@flatland/bff/api/change-set';
import { refusalText } from '@flatland/shared/reason/reasons';
import pc from 'picocolors';
import { columns } from '../io/command-io.ts';

/** What became of an applied change set: a row a cluster, objects that failed, proofs. */
export function changeSetText(changeSet: ChangeSet): string {
  const { summary, steps, proofs } = changeSet;
  const rows = summary.clusters.map((cluster) => [
    cluster.cluster,
    cluster.state,
    `${cluster.stepsDone}/${cluster.nSteps}`,
    cluster.message ?? '',
  ]);
  const proved = proofs.filter((proof) => proof.state === 'proved').length;
  return [
    columns(rows),
    ...steps.flatMap((step) =>
      step.refusal
        ? [
            pc.red(
              `✗ ${step.object.kind} ${step.object.name} in ${step.object.cluster}: ${refusalText(step.refusal)}`,
            ),
          ]
        : [],
    ),
    ...(proofs.length > 0 ? [`${proved} of ${proofs.length} pairs proved by real packets`] : []),
    `change set ${summary.id}: ${summary.state}`,
  ].join('\n');
}
