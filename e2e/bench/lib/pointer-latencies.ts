interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  /** Microseconds. */
  readonly ts: number;
  readonly id2?: { readonly local?: string };
  readonly id?: string;
  readonly args?: { readonly event_latency?: { readonly event_type?: string } };
}

/**
 * How long each event of a type in a Chromium trace took from the browser's receiving it to the frame with its
 * answer on the screen, in milliseconds. Events that changed no frame are left out.
 */
export function pointerLatencies(trace: Buffer, type: 'MOUSE_MOVED' | 'MOUSE_DRAGGED'): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const begun = new Map<string, TraceEvent>();
  const timesMs: number[] = [];
  for (const event of traceEvents.toSorted((a, b) => a.ts - b.ts)) {
    if (event.name !== 'EventLatency') continue;
    const id = event.id2?.local ?? event.id ?? '';
    if (event.ph === 'b') begun.set(id, event);
    const begin = event.ph === 'e' ? begun.get(id) : undefined;
    if (begin === undefined) continue;
    begun.delete(id);
    if (begin.args?.event_latency?.event_type === type) timesMs.push((event.ts - begin.ts) / 1000);
  }
  return timesMs;
}
