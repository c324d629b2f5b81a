/** A clock that only moves when it is told to. */
import type { ClockPort } from '../../ports/clock.ts';

interface Alarm {
  readonly deadlineMs: number;
  readonly sequence: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Alarms ring in the order of their deadlines, those of one moment in the order they were set. */
export class VirtualClock implements ClockPort {
  #nowMs: number;
  #sequence = 0;
  /** A binary heap: the earliest alarm first. */
  readonly #alarms: Alarm[] = [];

  /** @default starts at 2026-01-01T00:00:00Z */
  constructor(startMs = 1_767_225_600_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(deadlineMs: number, callback: () => void): () => void {
    const alarm: Alarm = { deadlineMs, sequence: this.#sequence++, callback, isCancelled: false };
    this.#push(alarm);
    return () => void (alarm.isCancelled = true);
  }

  /** Moves on by a time, ringing every alarm on the way at its own moment. */
  advance(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  advanceTo(targetMs: number): void {
    while ((this.#alarms[0]?.deadlineMs ?? Infinity) <= targetMs) this.#ring();
    this.#nowMs = Math.max(this.#nowMs, targetMs);
  }

  /** Moves on until the condition holds or the time is over; whether it holds. */
  advanceUntil(condition: () => boolean, withinMs: number): boolean {
    const targetMs = this.#nowMs + withinMs;
    while (!condition()) {
      if ((this.#alarms[0]?.deadlineMs ?? Infinity) > targetMs) {
        this.#nowMs = targetMs;
        return condition();
      }
      this.#ring();
    }
    return true;
  }

  /** The moment of the next alarm; nothing where none is set. */
  nextAlarmMs(): number | undefined {
    while (this.#alarms[0]?.isCancelled === true) this.#pop();
    return this.#alarms[0]?.deadlineMs;
  }

  /** Steps the clock without ringing anything, also backwards: what an operator's `date -s` does. */
  step(ms: number): void {
    this.#nowMs += ms;
  }

  #ring(): void {
    const alarm = this.#pop();
    if (alarm.isCancelled) return;
    this.#nowMs = Math.max(this.#nowMs, alarm.deadlineMs);
    alarm.callback();
  }

  #push(alarm: Alarm): void {
    const heap = this.#alarms;
    let i = heap.push(alarm) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(alarm, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = alarm;
  }

  #pop(): Alarm {
    const heap = this.#alarms;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: Alarm, b: Alarm): boolean {
  return a.deadlineMs === b.deadlineMs ? a.sequence < b.sequence : a.deadlineMs < b.deadlineMs;
}
