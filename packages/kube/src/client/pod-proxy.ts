import type { KubeError } from './error.ts';
import type { KubeClient } from './kube-client.ts';
import type { NamespacedRef } from './object.ts';
import type { CallOptions } from './objects.ts';
import { openStream } from './request.ts';
import { resourcePath } from './resource.ts';
import { Pod } from './resources.ts';
import { err } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import type { HttpMethod, HttpStream } from './transport.ts';

/**
 * Calls a port of a pod through the API server (`pods/NAME:PORT/proxy/PATH`) and streams the answer. Tried once
 * unless it is a GET.
 */
export async function openPodProxy(
  client: KubeClient,
  pod: NamespacedRef & { port: number },
  options: CallOptions & {
    path: string;
    method?: HttpMethod;
    query?: Record<string, string>;
    body?: unknown;
  },
): Promise<Result<HttpStream, KubeError>> {
  const method = options.method ?? 'GET';
  const about = {
    cluster: client.cluster,
    request: `${method} proxy of ${pod.namespace}/${pod.name}:${pod.port}`,
  };
  const base = resourcePath(Pod, {
    namespace: pod.namespace,
    name: `${pod.name}:${pod.port}`,
    subresource: 'proxy',
  });
  if (!base.ok) return err({ ...about, kind: 'badRequest', message: base.error });
  if (!/^(\/[A-Za-z0-9._~-]*)*$/.test(options.path) || options.path.split('/').includes('..')) {
    return err({ ...about, kind: 'badRequest', message: `${JSON.stringify(options.path)} is no plain path` });
  }
  return openStream(client, {
    method,
    path: base.value + options.path,
    idempotency: method === 'GET' ? 'idempotent' : 'once',
    accept: '*/*',
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    maxTries: options.maxTries,
    ...(options.query === undefined ? {} : { query: options.query }),
    ...(options.body === undefined ? {} : { body: options.body }),
  });
}
