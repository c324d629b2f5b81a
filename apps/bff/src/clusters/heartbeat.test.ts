import { sleep } from '@flatland/kube/client/clock';
import { kubeClientOver } from '@flatland/kube/client/kube-client';
import type { Transport } from '@flatland/kube/client/transport';
import { seededRandom } from '@flatland/kube/testing/seeded-random';
import { VirtualClock } from '@flatland/kube/testing/virtual-clock';
import { err, ok } from '@flatland/shared/result';
import { expect, test } from 'vitest';
import { keepPulse, type Pulse } from './heartbeat.ts';

test('R-06: a cluster that falls silent is given up within ten seconds, though nothing but its pulse is asked for', async () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const clock = new VirtualClock();
    let isSilent = false;
    let firstSilenceMs = Infinity;
    const answer: Transport['exchange'] = async (_, limits) => {
      if (!isSilent) {
        await sleep(clock, 5);
        return ok({ status: 200, retryAfterMs: undefined, text: '{"gitVersion":"v1.37.0"}' });
      }
      firstSilenceMs = Math.min(firstSilenceMs, clock.nowMs());
      await sleep(clock, limits.timeoutMs);
      return err({ kind: 'timeout', message: 'no complete answer in time' });
    };
    const client = kubeClientOver(
      {
        exchange: answer,
        stream: async () => err({ kind: 'timeout', message: 'none' }),
        close: async () => {},
      },
      { cluster: 'c', clock, random: seededRandom(seed) },
    );
    const stop = new AbortController();
    const pulses: Pulse[] = [];
    const keeping = keepPulse(client, { signal: stop.signal, onPulse: (pulse) => pulses.push(pulse) });
    while (pulses.length < 3) await sleep(clock, 10);
    expect(pulses.at(-1)?.reachable).toBe(true);
    isSilent = true;
    while (client.breaker.state.phase !== 'open') await sleep(clock, 10);
    expect(clock.nowMs() - firstSilenceMs, `seed ${seed}`).toBeLessThan(10_000);
    expect(pulses.at(-1)?.reachable).toBe(false);
    stop.abort();
    await keeping;
  }
});
