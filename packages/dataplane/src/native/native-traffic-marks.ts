/** Marks that the threads of the addon and the protocol core make together. */
import type { TrafficMarks, TrafficMarksView } from '../core/peer/traffic-marks.ts';
import type { NativeOwner } from './native-peer.ts';

/** Leaves a mark as it is. */
const KEEP = -1;

export class NativeTrafficMarks implements TrafficMarks {
  readonly isShared = true;
  readonly #owner: NativeOwner;
  readonly #peer: number;
  readonly #marks = new Float64Array(5);

  constructor(owner: NativeOwner, peer: number) {
    this.#owner = owner;
    this.#peer = peer;
  }

  sent(nowMs: number, hasData: boolean): void {
    const { addon, handle } = this.#owner;
    if (!this.#owner.isClosed()) addon.noteSent(handle, this.#peer, nowMs, hasData);
  }

  received(nowMs: number, hasData: boolean): void {
    const { addon, handle } = this.#owner;
    if (!this.#owner.isClosed()) addon.noteReceived(handle, this.#peer, nowMs, hasData);
  }

  read(): TrafficMarksView {
    const { addon, handle } = this.#owner;
    if (this.#owner.isClosed()) this.#marks.fill(0);
    else addon.readMarks(handle, this.#peer, this.#marks);
    const [sent = 0, received = 0, more = 0, lastSent = 0, lastReceived = 0] = this.#marks;
    return {
      dataSentSinceMs: sent || undefined,
      dataReceivedSinceMs: received || undefined,
      isMoreReceived: more !== 0,
      lastTraversalMs: Math.max(lastSent, lastReceived) || undefined,
    };
  }

  change(marks: Partial<Omit<TrafficMarksView, 'lastTraversalMs'>>): void {
    if (this.#owner.isClosed()) return;
    const { addon, handle } = this.#owner;
    addon.setMarks(
      handle,
      this.#peer,
      'dataSentSinceMs' in marks ? (marks.dataSentSinceMs ?? 0) : KEEP,
      'dataReceivedSinceMs' in marks ? (marks.dataReceivedSinceMs ?? 0) : KEEP,
      marks.isMoreReceived === undefined ? KEEP : Number(marks.isMoreReceived),
    );
  }

  clear(): void {
    const { addon, handle } = this.#owner;
    if (!this.#owner.isClosed()) addon.clearMarks(handle, this.#peer);
  }
}
