'use client';
import type { Intent } from '@flatland/shared/intent/intent';
import { useQueries } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import { workloadParts } from '../../graph/model/element-key.ts';
import { bytesText, timeText } from '../../lib/format.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useNow } from '../../state/use-now.ts';
import { Notice } from '../../components/ui/notice.tsx';
import { ReviewSection } from './section.tsx';

/** How often conversations are asked for anew while a person decides: agents tell of them every ten seconds. */
const REFETCH_MS = 5000;

/** Conversations of the last hour that leaving would cut, for as long as that is to be decided on. */
export function Cuts({ intents }: { intents: readonly Intent[] }) {
  const trpc = useTRPC();
  const now = useNow();
  const leaves = intents.filter((intent) => intent.kind === 'leave');
  const queries = useQueries({
    queries: leaves.map((leave) =>
      trpc.flows.lastHour.queryOptions(
        { workload: leave.workload, domain: leave.domain },
        { refetchInterval: REFETCH_MS },
      ),
    ),
  });
  if (leaves.length === 0) return null;
  const conversations = queries.flatMap((query) => query.data?.conversations ?? []);
  const since = Math.max(0, ...queries.flatMap((query) => query.data?.observedSinceMs ?? []));
  const pending = queries.some((query) => query.isPending);
  const unknown = queries.some((query) => query.isError);
  return (
    <ReviewSection title="Conversations of the last hour that would be cut" testId="cuts">
      {unknown && (
        <Notice tone="warn" title="Flows could not be read">
          Some conversations may be missing here.
        </Notice>
      )}
      {!pending && conversations.length === 0 && (
        <p className="text-sm text-ink-3">None was seen since {timeText(since, now)}.</p>
      )}
      {conversations.length > 0 && (
        <ul className="divide-y divide-line rounded-lg border border-line">
          {conversations.map((flow) => (
            <li
              key={`${flow.fromAddress}>${flow.toAddress}`}
              data-testid="cut"
              className="flex min-h-9 items-center gap-2 px-3 text-sm"
            >
              <span className="font-medium">{workloadParts(flow.from).name}</span>
              <ArrowRight className="size-3.5 text-ink-3" aria-label="to" />
              <span className="font-medium">{workloadParts(flow.to).name}</span>
              <span className="min-w-0 flex-1 truncate font-mono text-2xs text-ink-3">
                {flow.fromAddress} → {flow.toAddress}
              </span>
              <span className="tabular text-xs text-ink-3">
                {bytesText(flow.bytes)}, last {timeText(flow.lastSeenMs, now)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </ReviewSection>
  );
}
