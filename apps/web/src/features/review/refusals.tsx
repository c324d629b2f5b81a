import type { Plan } from '@flatland/shared/plan/plan';
import { REASONS, type Refusal } from '@flatland/shared/reason/reasons';
import { Check } from '../../components/ui/check.tsx';
import { Notice } from '../../components/ui/notice.tsx';

/** Why the plan must not be applied. */
export function RefusalList({ plan }: { plan: Plan }) {
  return plan.refusals.map((refusal, index) => (
    <Notice key={index} tone="fail" title={REASONS[refusal.code].title} testId="refusal">
      {refusal.detail || REASONS[refusal.code].text}. {REASONS[refusal.code].next}.
    </Notice>
  ));
}

/** What the person must acknowledge before applying. */
export function WarningList({
  warnings,
  acknowledged,
  onAcknowledge,
}: {
  warnings: readonly Refusal[];
  acknowledged: ReadonlySet<string>;
  onAcknowledge: (code: string, on: boolean) => void;
}) {
  const byCode = Map.groupBy(warnings, (warning) => warning.code);
  return [...byCode].map(([code, group]) => (
    <Notice key={code} tone="warn" title={REASONS[code].title} testId="warning">
      <p>{REASONS[code].text}.</p>
      <ul className="mt-1 list-disc pl-4">
        {group.map((warning) => (
          <li key={warning.detail}>{warning.detail}</li>
        ))}
      </ul>
      <div className="mt-2">
        <Check
          checked={acknowledged.has(code)}
          onChange={(on) => onAcknowledge(code, on)}
          testId={`acknowledge-${code}`}
        >
          I have read this
        </Check>
      </div>
    </Notice>
  ));
}
