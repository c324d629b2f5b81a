import type { Clock } from '../../src/client/clock.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import type { HttpAnswer, HttpRequest, TransportFault } from '../../src/client/transport.ts';
import type { Result } from '@flatland/shared/result';

/** One try as the client made it, with times of the client's clock. */
export interface RecordedTry {
  readonly request: HttpRequest;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly answer: Result<HttpAnswer, TransportFault>;
}

/** The same client, each of whose tries is told to `onTry` when it is over. Streams are not. */
export function recorded(client: KubeClient, onTry: (made: RecordedTry) => void): KubeClient {
  const { transport, clock }: { transport: KubeClient['transport']; clock: Clock } = client;
  return {
    ...client,
    transport: {
      ...transport,
      async exchange(request, limits) {
        const beganMs = clock.nowMs();
        const answer = await transport.exchange(request, limits);
        onTry({ request, beganMs, endedMs: clock.nowMs(), answer });
        return answer;
      },
    },
  };
}
