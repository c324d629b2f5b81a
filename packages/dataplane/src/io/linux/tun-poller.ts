/**
 * Waits for any number of file descriptors with one thread of Node's pool, so that many devices starve nothing
 * else that uses the pool. While there is something to read it stays in the event loop and uses no thread.
 */
import { loadLibc, type Libc } from './tun-libc.ts';

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const EFD_NONBLOCK_CLOEXEC = 0o2004000;
const MAX_EVENTS = 64;
/** Empty looks at the descriptors before waiting for them in a thread again. */
const IDLE_LOOKS = 2;
/** `struct epoll_event` is packed on x86-64 only. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const DATA_OFFSET = EVENT_BYTES - 8;

/** Reads what is there, within a budget; false when nothing was, or nothing is to follow at once. */
export type ReadableHandler = () => boolean;

class Poller {
  readonly #libc: Libc;
  readonly #epoll: number;
  readonly #wakeup: number;
  readonly #events = new Uint8Array(MAX_EVENTS * EVENT_BYTES);
  readonly #handlers = new Map<number, ReadableHandler>();
  #isRunning = false;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#epoll = libc.epollCreate(EPOLL_CLOEXEC);
    this.#wakeup = libc.eventfd(0, EFD_NONBLOCK_CLOEXEC);
    this.#control(EPOLL_CTL_ADD, this.#wakeup);
    // Node joins the threads of its pool when it exits: the one that waits must come back.
    process.once('exit', () => this.#wakeUp());
  }

  /** Calls the handler whenever the descriptor can be read. Keeps the process alive. */
  add(fd: number, handler: ReadableHandler): void {
    this.#handlers.set(fd, handler);
    this.#control(EPOLL_CTL_ADD, fd);
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#wait();
  }

  /** Stops watching a descriptor; to be called before it is closed. */
  remove(fd: number): void {
    if (!this.#handlers.delete(fd)) return;
    this.#control(EPOLL_CTL_DEL, fd);
    if (this.#handlers.size === 0) this.#wakeUp();
  }

  #wakeUp(): void {
    this.#libc.write(this.#wakeup, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8);
  }

  async #wait(): Promise<void> {
    const n = await this.#libc.epollWait(this.#epoll, this.#events, MAX_EVENTS);
    this.#lookAgain(this.#dispatch(n) ? IDLE_LOOKS : 0);
  }

  #lookAgain(looksLeft: number): void {
    if (this.#handlers.size === 0) {
      this.#isRunning = false;
      return;
    }
    if (looksLeft === 0) {
      void this.#wait();
      return;
    }
    setImmediate(() => {
      const n = this.#libc.epollPoll(this.#epoll, this.#events, MAX_EVENTS);
      this.#lookAgain(this.#dispatch(n) ? IDLE_LOOKS : looksLeft - 1);
    });
  }

  /** Lets each ready descriptor be read; whether any had something. */
  #dispatch(n: number): boolean {
    let didRead = false;
    const view = new DataView(this.#events.buffer);
    const ready = Array.from({ length: Math.max(0, n) }, (_, i) =>
      view.getUint32(i * EVENT_BYTES + DATA_OFFSET, true),
    );
    for (const fd of ready) {
      if (fd === this.#wakeup) this.#libc.read(this.#wakeup, new Uint8Array(8), 8);
      else if (this.#handlers.get(fd)?.() === true) didRead = true;
    }
    return didRead;
  }

  #control(operation: number, fd: number): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, EPOLLIN, true);
    view.setUint32(DATA_OFFSET, fd, true);
    if (this.#libc.epollCtl(this.#epoll, operation, fd, event) < 0 && operation === EPOLL_CTL_ADD)
      throw new Error(`epoll_ctl: ${this.#libc.errorName(this.#libc.errno())}`);
  }
}

export type { Poller };

let poller: Poller | undefined;

/** The poller of this process. The C library must have been loaded with success before. */
export function processPoller(): Poller {
  if (poller !== undefined) return poller;
  const libc = loadLibc();
  if (!libc.ok) throw new Error(libc.error);
  poller = new Poller(libc.value);
  return poller;
}
