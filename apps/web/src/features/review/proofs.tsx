'use client';
import type { ChangeSet, Proof } from '@flatland/bff/api/change-set';
import { REASONS } from '@flatland/shared/reason/reasons';
import { ArrowRight, CircleCheck, CircleSlash, LoaderCircle, OctagonAlert } from 'lucide-react';
import { workloadParts } from '../../graph/model/element-key.ts';
import { clockText, formatRtt } from '../../graph/model/proof-text.ts';
import { cn } from '../../lib/cn.ts';
import { ReviewSection } from './section.tsx';

/** What real packets say of the effect, pair by pair. */
export function Proofs({ changeSet }: { changeSet: ChangeSet }) {
  const { proofs, nPairsNotProbed } = changeSet;
  if (proofs.length === 0) return null;
  const proved = proofs.filter((proof) => proof.state === 'proved').length;
  const order: Record<Proof['state'], number> = { failed: 0, pending: 1, impossible: 2, proved: 3 };
  return (
    <ReviewSection
      testId="proofs"
      title={`Proof by packets: ${proved} of ${proofs.length} pairs`}
      aside={
        nPairsNotProbed > 0 && <span className="text-xs text-ink-3">{nPairsNotProbed} more not probed</span>
      }
    >
      <ul className="grid max-h-56 grid-cols-2 gap-x-6 overflow-y-auto rounded-lg border border-line px-3.5 py-1.5 max-lg:grid-cols-1">
        {proofs
          .toSorted((a, b) => order[a.state] - order[b.state])
          .map((proof) => (
            <ProofRow key={`${proof.pair.from}>${proof.pair.to}`} proof={proof} />
          ))}
      </ul>
    </ReviewSection>
  );
}

function ProofRow({ proof }: { proof: Proof }) {
  const { icon: Icon, tone, spin } = LOOKS[proof.state];
  const result = proof.probe?.result;
  const said =
    proof.state === 'pending'
      ? 'waiting'
      : proof.state === 'impossible'
        ? (result?.detail ?? 'cannot be probed')
        : result?.echoed
          ? `${clockText(result.atMs)}${result.rttMs === undefined ? '' : `, ${formatRtt(result.rttMs)}`}${result.datapath === 'in-memory' ? ', simulated' : ''}`
          : result?.reason
            ? REASONS[result.reason].title
            : 'no answer';
  return (
    <li data-testid="proof" data-state={proof.state} className="flex h-7 items-center gap-1.5 text-xs">
      <Icon
        className={cn('size-3.5 shrink-0', tone, spin && 'motion-safe:animate-spin')}
        aria-label={proof.state}
      />
      <span className="truncate font-medium">{workloadParts(proof.pair.from).name}</span>
      <ArrowRight
        className="size-3 shrink-0 text-ink-3"
        aria-label={proof.expected ? 'reaches' : 'must not reach'}
      />
      <span className="truncate font-medium">{workloadParts(proof.pair.to).name}</span>
      <span className="tabular ml-auto shrink-0 pl-2 text-ink-3">
        {proof.expected ? said : proof.state === 'proved' ? `blocked: ${said}` : said}
      </span>
    </li>
  );
}

const LOOKS = {
  pending: { icon: LoaderCircle, tone: 'text-ink-3', spin: true },
  proved: { icon: CircleCheck, tone: 'text-ink', spin: false },
  failed: { icon: OctagonAlert, tone: 'text-fail', spin: false },
  impossible: { icon: CircleSlash, tone: 'text-ink-3', spin: false },
} as const;
