import type { KubeClient } from '@flatland/kube/client/kube-client';
import { readServerVersion } from '@flatland/kube/client/server-info';
import { sleep } from '@flatland/kube/client/clock';

/** How often each cluster is asked for a sign of life. */
export const HEARTBEAT_MS = 2000;
/** Two lost answers open the breaker within ten seconds. */
const TIMEOUT_MS = 4000;
/** One lost answer is no outage. */
const MAX_MISSED = 2;

/** Whether a cluster answers, and since when not. */
export interface Pulse {
  readonly reachable: boolean;
  /** When it last answered; 0 where it never did. */
  readonly lastSeenMs: number;
  /** gitVersion of the API server; empty until the first answer. */
  readonly version: string;
  /** Why it is not reachable. */
  readonly why: string;
}

/** Asks a cluster for its version every few seconds until `signal`, and tells each change of what is known. */
export async function keepPulse(
  client: KubeClient,
  options: { signal: AbortSignal; onPulse: (pulse: Pulse) => void; everyMs?: number },
): Promise<void> {
  const { signal, onPulse, everyMs = HEARTBEAT_MS } = options;
  let pulse: Pulse = { reachable: false, lastSeenMs: 0, version: '', why: 'not asked yet' };
  let nMissed = MAX_MISSED;
  while (!signal.aborted) {
    const answer = await readServerVersion(client, { signal, timeoutMs: TIMEOUT_MS, maxTries: 1 });
    if (signal.aborted) return;
    if (answer.ok) {
      nMissed = 0;
      pulse = {
        reachable: true,
        lastSeenMs: Math.floor(client.clock.nowMs()),
        version: answer.value.gitVersion,
        why: '',
      };
    } else {
      nMissed += 1;
      pulse = { ...pulse, reachable: nMissed < MAX_MISSED && pulse.reachable, why: answer.error.message };
    }
    onPulse(pulse);
    const jitter = 0.8 + 0.4 * client.random();
    await sleep(client.clock, (nMissed === 1 ? everyMs / 4 : everyMs) * jitter, signal);
  }
}
