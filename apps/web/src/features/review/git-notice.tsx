import type { Plan } from '@flatland/shared/plan/plan';
import { REASONS } from '@flatland/shared/reason/reasons';
import { Notice } from '../../components/ui/notice.tsx';
import { plural } from '../../lib/format.ts';
import { enginesOf, gitSteps } from './git-steps.ts';

/** Says which objects are exported for Git instead of written, and what to do with the files. */
export function GitNotice({ plan }: { plan: Plan }) {
  const steps = gitSteps(plan);
  if (steps.length === 0) return null;
  const names = steps.map(({ object, cluster }) => `${object.kind} ${object.name} in ${cluster}`);
  return (
    <Notice
      tone="info"
      title={`${plural(steps.length, 'object')} kept by ${enginesOf(steps)}`}
      testId="git-notice"
    >
      <p>
        {names.join(', ')}. {REASONS['git-owned'].text}. {REASONS['git-owned'].next}.
      </p>
    </Notice>
  );
}
