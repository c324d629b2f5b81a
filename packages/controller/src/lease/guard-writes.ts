import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { HttpLimits, HttpMethod } from '@flatland/kube/client/transport';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import type { TransportFault } from '@flatland/kube/client/transport';

/**
 * A client that sends what changes something only while `mayWriteForMs` is above 0, asked right before each try, and
 * gives such a request no longer than that. Else it ends as `aborted`. Reads pass.
 */
export function guardWrites(client: KubeClient, mayWriteForMs: () => number): KubeClient {
  const { transport } = client;

  function limitsOf(method: HttpMethod, limits: HttpLimits): Result<HttpLimits, TransportFault> {
    if (method === 'GET') return ok(limits);
    const leftMs = mayWriteForMs();
    if (leftMs > 0) return ok({ ...limits, timeoutMs: Math.min(limits.timeoutMs, Math.ceil(leftMs)) });
    return err({ kind: 'aborted', message: 'another controller may hold the lease by now' });
  }

  return {
    ...client,
    transport: {
      async exchange(request, limits) {
        const allowed = limitsOf(request.method, limits);
        return allowed.ok ? transport.exchange(request, allowed.value) : allowed;
      },
      async stream(request, limits) {
        const allowed = limitsOf(request.method, limits);
        return allowed.ok ? transport.stream(request, allowed.value) : allowed;
      },
      close: () => transport.close(),
    },
  };
}
