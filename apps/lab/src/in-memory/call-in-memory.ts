import type { ExchangeOutcome } from '@flatland/dataplane/core/route/exchange';
import type { MemoryPod } from './memory-pod.ts';

const TIMEOUT_MS = 2000;

/** Calls a neighbour's HTTP port from a pod, by name. Gives what came of it, for the log. */
export async function callInMemory(pod: MemoryPod, name: string): Promise<string> {
  const addresses = pod.resolve(name);
  const to = addresses[Math.floor(Math.random() * addresses.length)];
  if (to === undefined) return 'is not resolved';
  return describe(
    await pod.node.exchange(
      { type: 'pod', podUid: pod.podUid },
      {
        protocol: 'TCP',
        to,
        port: 8080,
        payload: Buffer.from(`GET / HTTP/1.1\r\nhost: ${name}\r\nconnection: close\r\n\r\n`),
        timeoutMs: TIMEOUT_MS,
      },
    ),
  );
}

function describe(outcome: ExchangeOutcome): string {
  switch (outcome.kind) {
    case 'echoed':
    case 'answered':
      return 'answers';
    case 'timeout':
      return 'does not answer';
    case 'unreachable':
    case 'refused':
    case 'impossible':
      return `${outcome.kind}: ${outcome.detail}`;
  }
}
