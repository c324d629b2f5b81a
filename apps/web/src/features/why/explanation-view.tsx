'use client';
import type { Explanation } from '@flatland/bff/api/console';
import { REASONS } from '@flatland/shared/reason/reasons';
import type { Topology } from '@flatland/shared/topology/topology';
import { Ban, CircleCheck, CircleHelp } from 'lucide-react';
import { DomainChip } from '../../components/domain/domain-chip.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { clockText, formatRtt } from '../../graph/model/proof-text.ts';
import { ageText } from '../../lib/format.ts';
import { useNow } from '../../state/use-now.ts';
import { Facts, Mono } from '../panel/panel-parts.tsx';
import { PathView } from './path-view.tsx';

const ANSWERS = {
  yes: { icon: CircleCheck, text: 'Yes' },
  no: { icon: Ban, text: 'No' },
  unknown: { icon: CircleHelp, text: 'Unknown' },
} as const;

/** Verdict, what decides it, the path, and the last packet. A disagreement is loud. */
export function ExplanationView({ explanation, topology }: { explanation: Explanation; topology: Topology }) {
  const now = useNow();
  const { verdict, probe } = explanation;
  const { icon: Icon, text } = ANSWERS[verdict.answer];
  const reason = REASONS[verdict.reason];
  const disagrees = probe !== undefined && !probe.agrees;
  return (
    <div className="flex flex-col gap-4">
      {disagrees && (
        <Notice tone="fail" title="Packets disagree with the verdict" testId="disagreement">
          The verdict was {probe.verdict.answer}, and the packet{' '}
          {probe.result.echoed ? 'came back' : 'did not come back'}: {probe.result.detail}. Trust the packet,
          and look at the path below.
        </Notice>
      )}
      <section
        data-testid="verdict"
        data-answer={verdict.answer}
        data-reason={verdict.reason}
        className="rounded-xl border border-line bg-panel p-5 shadow-card"
      >
        <div className="flex items-start gap-4">
          <Icon className="mt-1 size-7 shrink-0" strokeWidth={1.75} aria-hidden />
          <div className="min-w-0 flex-1">
            <p className="text-xl font-semibold tracking-tight">
              {text}
              <span className="font-normal text-ink-3">, {reason.title.toLowerCase()}</span>
            </p>
            <p className="mt-0.5 text-base text-ink-2">{verdict.detail || reason.text}.</p>
            <div className="mt-2.5 flex flex-wrap items-center gap-1.5">
              <Badge>
                <span className="font-mono">{verdict.reason}</span>
              </Badge>
              {verdict.domains.map((domain) => (
                <DomainChip key={domain} name={domain} />
              ))}
              {verdict.sinceMs !== undefined && (
                <Badge tone="warn">since {ageText(now - verdict.sinceMs)}</Badge>
              )}
            </div>
            {verdict.answer !== 'yes' && (
              <p className="mt-3 text-sm text-ink-2">
                <b className="font-medium text-ink">What next:</b> {reason.next}.
              </p>
            )}
          </div>
        </div>
      </section>
      <div className="grid grid-cols-2 gap-4 max-lg:grid-cols-1">
        <section className="rounded-xl border border-line bg-panel p-5 shadow-card" data-testid="deciding">
          <h2 className="mb-3 text-xs font-semibold text-ink-2">What decides</h2>
          {verdict.deciding ? (
            <Facts
              facts={[
                ['Object', `${verdict.deciding.kind} ${verdict.deciding.name}`],
                ['Field', verdict.deciding.field && <Mono key="field">{verdict.deciding.field}</Mono>],
                ['Namespace', verdict.deciding.namespace],
                ['Cluster', verdict.deciding.cluster],
              ]}
            />
          ) : (
            <p className="text-sm text-ink-3">No single object decides: no Membership joins the two.</p>
          )}
        </section>
        <section className="rounded-xl border border-line bg-panel p-5 shadow-card" data-testid="last-probe">
          <h2 className="mb-3 text-xs font-semibold text-ink-2">Last packet</h2>
          {probe ? (
            <Facts
              facts={[
                ['Result', probe.result.echoed ? 'came back' : 'did not come back'],
                ['Round trip', probe.result.rttMs === undefined ? undefined : formatRtt(probe.result.rttMs)],
                ['When', `${clockText(probe.result.atMs)}, ${ageText(now - probe.result.atMs)}`],
                ['From', <Mono key="from">{probe.result.from.address ?? probe.result.from.pod}</Mono>],
                ['To', <Mono key="to">{probe.result.to}</Mono>],
                ['Protocol', probe.result.protocol],
                ['Reason', probe.result.reason && REASONS[probe.result.reason].title],
                ['Datapath', probe.result.datapath === 'kernel' ? 'kernel' : 'in memory, simulated'],
              ]}
            />
          ) : (
            <p className="text-sm text-ink-3">No packet was sent between the two yet. Probe now sends one.</p>
          )}
        </section>
      </div>
      {verdict.path.length > 0 && (
        <section className="rounded-xl border border-line bg-panel p-5 shadow-card">
          <h2 className="mb-3 text-xs font-semibold text-ink-2">Path, hop by hop</h2>
          <PathView path={verdict.path} topology={topology} />
        </section>
      )}
    </div>
  );
}
