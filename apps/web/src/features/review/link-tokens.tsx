import type { Plan } from '@flatland/shared/plan/plan';
import { KeyRound } from 'lucide-react';
import { ReviewSection } from './section.tsx';

/** In words: which clusters are linked, by whose tokens, and what may be done with them. */
export function LinkTokens({ plan }: { plan: Plan }) {
  const steps = plan.steps.filter((step) => step.token !== undefined);
  if (steps.length === 0) return null;
  return (
    <ReviewSection title="Links between clusters" testId="link-tokens">
      <ul className="divide-y divide-line rounded-lg border border-line">
        {steps.map(({ id, cluster, action, token }) => (
          <li key={id} data-testid="link-token" className="flex items-start gap-2 px-3 py-2 text-sm">
            <KeyRound className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden />
            {action === 'forget' ? (
              <span>
                The token by which {cluster} speaks to {token?.issuer} is taken away.
              </span>
            ) : (
              <span>
                {cluster}{' '}
                {token?.grants.includes('flatland-link-push')
                  ? 'writes what it has to'
                  : 'reads the nodes of'}{' '}
                {token?.issuer}, by a token that {token?.issuer} makes when this is applied. It is good for{' '}
                {(token?.lifeSeconds ?? 0) / 86_400} days, {cluster} renews it by itself, and it is shown
                nowhere.
              </span>
            )}
          </li>
        ))}
      </ul>
    </ReviewSection>
  );
}
