import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { loadLibc } from '@flatland/dataplane/io/linux/tun-libc';
import type { Libc } from '@flatland/dataplane/io/linux/tun-libc';
import type { ExecSession } from '../node-runtime.ts';
import { exitOf, started } from './child-exit.ts';

/* linux/asm-generic/ioctls.h */
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
const TIOCSWINSZ = 0x5414;

/** Runs a command on a terminal of its own (pty(7)). Throws where no terminal can be had. */
export async function openTerminal(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ExecSession> {
  const libc = loadLibc();
  if (!libc.ok) throw new Error(`no terminal: ${libc.error}`);
  const master = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  let slave: number | undefined;
  try {
    slave = openSlave(libc.value, master);
    const stdio = [slave, slave, slave] as const;
    const child = spawn('setsid', ['--ctty', '--wait', ...command], {
      cwd: '/',
      env: environment,
      stdio: [...stdio],
    });
    await started(child);
    closeSync(slave);
    const terminal = new ReadStream(master);
    // When the last process on a terminal is gone, reading it fails (EIO): that is its end.
    terminal.on('error', () => terminal.destroy());
    const exited = exitOf(child);
    return {
      stdin: new Writable({
        write: (chunk: Buffer, _encoding, done) => void terminal.write(chunk, () => done()),
        // The end of input, as a person types it.
        final: (done) => void terminal.write(Buffer.of(4), () => done()),
      }),
      stdout: terminal,
      stderr: undefined,
      exited,
      resize({ columns, rows }) {
        libc.value.ioctl(master, TIOCSWINSZ, new Uint8Array(new Uint16Array([rows, columns, 0, 0]).buffer));
      },
      kill: () => void child.kill('SIGHUP'),
    };
  } catch (error) {
    closeSync(master);
    if (slave !== undefined) closeSync(slave);
    throw error;
  }
}

function openSlave(libc: Libc, master: number): number {
  const number = new Uint8Array(4);
  if (libc.ioctl(master, TIOCSPTLCK, new Uint8Array(4)) !== 0 || libc.ioctl(master, TIOCGPTN, number) !== 0) {
    throw new Error(`no terminal: ${libc.errorName(libc.errno())}`);
  }
  const index = new DataView(number.buffer).getUint32(0, true);
  return openSync(`/dev/pts/${index}`, constants.O_RDWR | constants.O_NOCTTY);
}
