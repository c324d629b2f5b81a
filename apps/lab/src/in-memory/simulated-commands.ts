import type { MemoryPod } from './memory-pod.ts';
import { NotSimulated, simulatedPing } from './simulated-ping.ts';

/** What a simulated command needs of its surroundings. */
export type CommandContext = {
  readonly pod: MemoryPod;
  readonly write: (text: string) => void;
  /** True when nobody waits for the command any more. */
  readonly isOver: () => boolean;
  readonly nowMs: () => number;
};

/** Exit code of a shell for a command that it does not find. */
const NOT_FOUND = 127;

/**
 * Runs what `exec` can run where packets are simulated: `ping`. Gives its exit code. Anything else is refused with a
 * text that says why.
 */
export async function runSimulated(command: readonly string[], context: CommandContext): Promise<number> {
  const [program = '', ...args] = command;
  const name = program.split('/').at(-1)!;
  try {
    if (name === 'ping' || name === 'ping6') return await simulatedPing(args, context);
    throw new NotSimulated(`${name} needs the kernel datapath`);
  } catch (error) {
    if (!(error instanceof NotSimulated)) throw error;
    context.write(
      `flatland: the datapath is simulated: ${error.message}. ` +
        'Here `ping` runs; for others start with FLATLAND_DATAPATH=kernel\n',
    );
    return NOT_FOUND;
  }
}
