import type { KubeError } from '../error.ts';
import type { KubeClient } from '../kube-client.ts';
import { openStream } from '../request.ts';
import { resourcePath } from '../resource.ts';
import type { Resource } from '../resource.ts';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { JsonLineReader } from './json-lines.ts';

export type WatchStreamOptions = {
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  /** Of the opening. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onOpen: () => void;
  readonly onEvent: (event: unknown) => void;
  readonly onGarbage: (message: string) => void;
};

/** Opens one WATCH with bookmarks and hands over its events until it ends, well or with an error. */
export async function openWatch(
  client: KubeClient,
  type: Resource,
  options: WatchStreamOptions,
): Promise<Result<void, KubeError>> {
  const about = { cluster: client.cluster, request: `WATCH ${type.plural}` };
  const path = resourcePath(type, options);
  if (!path.ok) return err({ ...about, kind: 'badRequest', message: path.error });
  const stream = await openStream(client, {
    method: 'GET',
    path: path.value,
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    },
    idempotency: 'idempotent',
    maxTries: 1,
    timeoutMs: options.timeoutMs,
    signal: options.signal,
  });
  if (!stream.ok) return stream;
  options.onOpen();
  const reader = new JsonLineReader();
  try {
    for await (const chunk of stream.value.body) {
      for (const line of reader.push(chunk)) {
        if (options.signal.aborted) return ok(undefined);
        if (line.ok) options.onEvent(line.value);
        else options.onGarbage(line.error);
      }
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : 'the stream broke';
    return err({ ...about, kind: 'unavailable', message, retryAfterMs: undefined, sent: true });
  }
  if (!reader.hasRest()) return ok(undefined);
  return err({ ...about, kind: 'protocol', message: 'the stream was cut off in the middle of a line' });
}
