import type { ServerState } from '../rest/server-state.ts';

/** Kubernetes keeps events for an hour. */
const EVENT_LIFE_MS = 3_600_000;
const MAX_AT_ONCE = 1000;

/** Deletes events that are past their time. Call it now and then. */
export async function expireEvents({ store, nowMs }: Pick<ServerState, 'store' | 'nowMs'>): Promise<void> {
  const before = nowMs() - EVENT_LIFE_MS;
  const old = store
    .list('events')
    .filter(({ object }) => lastSeenMs(object) < before)
    .slice(0, MAX_AT_ONCE);
  if (old.length === 0) return;
  await store.write((transaction) => {
    for (const record of old) if (transaction.get(record)) transaction.delete(record);
  });
}

function lastSeenMs(event: { metadata: { creationTimestamp?: string }; [field: string]: unknown }): number {
  const times = [event['lastTimestamp'], event['eventTime'], event.metadata.creationTimestamp].filter(
    (time) => typeof time === 'string',
  );
  return Math.max(...times.map((time) => Date.parse(time)), 0);
}
