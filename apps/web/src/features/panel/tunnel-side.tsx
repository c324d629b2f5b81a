'use client';
import { keyOf } from '../../graph/model/element-key.ts';
import { useLive } from '../../live/live-store.ts';
import { useNow } from '../../state/use-now.ts';
import { Facts, LinkRow, Section } from './panel-parts.tsx';
import { tunnelFacts, tunnelReport } from './tunnel-facts.ts';

interface Props {
  readonly domain: string;
  /** The node that reports, and the one at the other end: `cluster/node`. */
  readonly from: string;
  readonly to: string;
  readonly onSelect: (key: string | undefined) => void;
}

/** One side of a tunnel, as its own node sees it. */
export function TunnelSide({ domain, from, to, onSelect }: Props) {
  const now = useNow();
  const peer = useLive((live) => tunnelReport(live.reports, { domain, from, to }));
  const relay = peer?.path === 'relay' ? peer.relay : undefined;
  return (
    <Section title={`From ${from}`}>
      {peer === undefined ? (
        <p className="text-sm text-ink-3">{from} reports nothing of this tunnel.</p>
      ) : (
        <Facts facts={tunnelFacts(peer, now)} />
      )}
      {relay !== undefined && (
        <LinkRow onClick={() => onSelect(keyOf({ type: 'node', id: relay }))}>relayed by {relay}</LinkRow>
      )}
    </Section>
  );
}
