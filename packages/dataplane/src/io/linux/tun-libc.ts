/** The few calls of the C library that TUN devices need and Node does not offer. */
import { err, ok, type Result } from '@flatland/shared/result';
import { ownSymbols } from '../node/own-symbols.ts';

export interface Libc {
  open(path: string, flags: number): number;
  close(fd: number): number;
  read(fd: number, dst: Uint8Array, length: number): number;
  write(fd: number, src: Uint8Array, length: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  /** `ioctl` whose argument is a number itself. */
  ioctlValue(fd: number, request: number, argument: number): number;
  /** `fcntl` whose argument is a number. */
  fcntl(fd: number, command: number, argument: number): number;
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  sendto(
    fd: number,
    src: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number;
  setns(fd: number, type: number): number;
  eventfd(initial: number, flags: number): number;
  epollCreate(flags: number): number;
  epollCtl(epoll: number, operation: number, fd: number, event: Uint8Array): number;
  /** Does not wait. */
  epollPoll(epoll: number, events: Uint8Array, maxEvents: number): number;
  /** Waits in a thread of the pool, one for as long as it takes. */
  epollWait(epoll: number, events: Uint8Array, maxEvents: number): Promise<number>;
  /** Number of the error of the last call that failed. */
  errno(): number;
  /** Name of an error, such as `EBUSY`. */
  errorName(errno: number): string;
}

let loaded: Result<Libc, string> | undefined;

/** Loads the calls once; an error for people where the native loader has no build for this machine. */
export function loadLibc(): Result<Libc, string> {
  loaded ??= load();
  return loaded;
}

function load(): Result<Libc, string> {
  if (process.platform !== 'linux') return err('TUN devices need Linux');
  try {
    return ok(bindLibc());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return err(`cannot load the native interface (koffi) that TUN devices need: ${message}`);
  }
}

function bindLibc(): Libc {
  const { koffi, library } = ownSymbols();
  const ioctl = library.func('int ioctl(int fd, unsigned long request, ...)');
  const fcntl = library.func('int fcntl(int fd, int command, ...)');
  const epollWait = library.func('int epoll_wait(int epfd, void *events, int max, int timeout)');
  const names = new Map(Object.entries(koffi.os.errno).map(([name, value]) => [value as number, name]));
  // Some errors have two names.
  for (const name of ['EAGAIN', 'EDEADLK', 'EOPNOTSUPP'] as const) names.set(koffi.os.errno[name]!, name);
  return {
    open: library.func('int open(const char *path, int flags)'),
    close: library.func('int close(int fd)'),
    read: library.func('long read(int fd, void *dst, size_t length)'),
    write: library.func('long write(int fd, const void *src, size_t length)'),
    ioctl: (fd, request, argument) => ioctl(fd, request, 'void *', argument) as number,
    ioctlValue: (fd, request, argument) => ioctl(fd, request, 'unsigned long', argument) as number,
    fcntl: (fd, command, argument) => fcntl(fd, command, 'int', argument) as number,
    socket: library.func('int socket(int family, int type, int protocol)'),
    bind: library.func('int bind(int fd, const void *address, unsigned int length)'),
    sendto: library.func(
      'long sendto(int fd, const void *src, size_t length, int flags, const void *address, unsigned int addressLength)',
    ),
    setsockopt: library.func(
      'int setsockopt(int fd, int level, int option, const void *value, unsigned int length)',
    ),
    setns: library.func('int setns(int fd, int type)'),
    eventfd: library.func('int eventfd(unsigned int initial, int flags)'),
    epollCreate: library.func('int epoll_create1(int flags)'),
    epollCtl: library.func('int epoll_ctl(int epfd, int operation, int fd, void *event)'),
    epollPoll: (epoll, events, maxEvents) => epollWait(epoll, events, maxEvents, 0) as number,
    epollWait: (epoll, events, maxEvents) =>
      new Promise((resolve, reject) => {
        epollWait.async(epoll, events, maxEvents, -1, (error: Error | null, n: number) =>
          error === null ? resolve(n) : reject(error),
        );
      }),
    errno: () => koffi.errno(),
    errorName: (errno) => names.get(errno) ?? `error ${errno}`,
  };
}
