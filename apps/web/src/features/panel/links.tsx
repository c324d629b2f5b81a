'use client';
import type { Intent } from '@flatland/shared/intent/intent';
import type { ClusterName } from '@flatland/shared/model/names';
import type { ClusterView, LinkView } from '@flatland/shared/topology/topology';
import { KeyRound, Link2 } from 'lucide-react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { timeText } from '../../lib/format.ts';
import { useLive } from '../../live/live-store.ts';
import { describeIntent } from '../../staging/describe-intent.ts';
import { useStaging } from '../../staging/staging-store.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useNow } from '../../state/use-now.ts';
import { Conditions, Section } from './panel-parts.tsx';

/** How a cluster is linked to the others: state, the token's end, and what can be done about either. */
export function Links({ cluster }: { cluster: ClusterView }) {
  const clusters = useLive((state) => state.topology.clusters);
  const blocked = useBlocked();
  const linked = new Set<string>(cluster.links.map((link) => link.cluster));
  const unlinked = Object.values(clusters).filter(
    (other) =>
      other.id !== cluster.id &&
      !linked.has(other.id) &&
      !other.links.some((link) => link.cluster === cluster.id && link.mode === 'push'),
  );
  return (
    <Section title={`Links (${cluster.links.length})`}>
      <ul className="flex flex-col gap-3">
        {cluster.links.map((link) => (
          <LinkItem key={link.name} holder={cluster.id} link={link} />
        ))}
      </ul>
      {unlinked.map((other) => (
        <Button
          key={other.id}
          className="mt-2"
          data-testid={`link-${other.id}`}
          blocked={blocked}
          onClick={() => stageIntent({ kind: 'link', clusters: [cluster.id, other.id] })}
        >
          <Link2 /> Link with {other.id}
        </Button>
      ))}
    </Section>
  );
}

function LinkItem({ holder, link }: { holder: ClusterName; link: LinkView }) {
  const now = useNow();
  const blocked = useBlocked();
  const faults = link.conditions.filter((condition) => condition.status !== 'True');
  const endsMs = Date.parse(link.tokenExpiresAt ?? '');
  return (
    <li data-testid="link" data-link={link.name} className="flex flex-col gap-1.5">
      <span className="flex items-center gap-2 text-sm">
        <span className="min-w-0 flex-1 truncate">
          {link.mode === 'pull' ? 'reads' : 'writes to'} {link.cluster}
          {link.hub && ', and what it passes on'}
        </span>
        <Badge tone={faults.length > 0 ? 'warn' : 'plain'}>
          {link.conditions.length === 0 ? 'not reported' : faults.length > 0 ? 'needs attention' : 'ready'}
        </Badge>
      </span>
      {!Number.isNaN(endsMs) && (
        <span className="text-xs text-ink-3">
          Token {endsMs < now ? 'ended' : 'good until'} {timeText(endsMs, now)}
        </span>
      )}
      {faults.length > 0 && <Conditions conditions={faults} />}
      {link.ownsToken && faults.some(({ reason }) => reason.startsWith('link-')) && (
        <Button
          data-testid="renew-link"
          blocked={blocked}
          onClick={() => stageIntent({ kind: 'renew-link', cluster: holder, link: link.name })}
        >
          <KeyRound /> Make a new token
        </Button>
      )}
    </li>
  );
}

function stageIntent(intent: Intent): void {
  useStaging.getState().stage({ label: describeIntent(intent), intents: [intent] });
}
