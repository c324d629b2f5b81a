/** What a program started through a sandbox holds and uses. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Clock ticks of `/proc/PID/stat` in a second. */
const TICKS_PER_SECOND = 100;

export class TestProcess {
  readonly child: ChildProcess;

  /** `child` is `nsenter`, whose only child is the program. */
  constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Number of the program, outside of the sandbox; an error where it has ended. */
  pid(): number {
    const { pid } = this.child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    // To signal process 0 is to signal the whole group of the test.
    if (!/^[1-9]\d*$/.test(children)) throw new Error('the program has ended');
    return Number(children);
  }

  /** Seconds of processor that it has used, in all threads. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid()}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Memory that it has in use. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid()}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1_024;
  }

  /** What its descriptors are, sorted, without the numbers of sockets and pipes. */
  descriptors(): string[] {
    const directory = `/proc/${this.pid()}/fd`;
    return readdirSync(directory)
      .flatMap((fd) => {
        try {
          return [readlinkSync(`${directory}/${fd}`).replace(/\[\d+\]$/, '')];
        } catch {
          return [];
        }
      })
      .toSorted();
  }

  /** Names of its threads, sorted. */
  threads(): string[] {
    const directory = `/proc/${this.pid()}/task`;
    return readdirSync(directory)
      .map((thread) => readFileSync(`${directory}/${thread}/comm`, 'utf8').trim())
      .toSorted();
  }

  /** How often its threads of a name have waited for something so far. */
  waitsOf(thread: string): number {
    const directory = `/proc/${this.pid()}/task`;
    return readdirSync(directory)
      .filter((id) => readFileSync(`${directory}/${id}/comm`, 'utf8').trim() === thread)
      .map((id) => readFileSync(`${directory}/${id}/status`, 'utf8'))
      .map((status) => Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)![1]))
      .reduce((sum, n) => sum + n, 0);
  }

  /** Numbers of processes that it has started and that are not gone. */
  children(): number[] {
    const directory = `/proc/${this.pid()}/task`;
    return readdirSync(directory)
      .flatMap((thread) => readFileSync(`${directory}/${thread}/children`, 'utf8').trim().split(' '))
      .filter((text) => text !== '')
      .map(Number);
  }
}
