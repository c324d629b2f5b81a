/**
 * The first process of a private machine (`unshare` with its own network, mounts and process ids): runs
 * one file of tests there and writes what came of them. When it ends, the kernel takes away every
 * process, namespace and device of the machine. It ends when its standard input does.
 *
 *     unshare -nmpf --kill-child --mount-proc node machine-main.ts TESTS REPORT
 */
import { startVitest } from 'vitest/node';
import { prepareMachine } from './prepare-machine.ts';

const [tests, report] = process.argv.slice(2);
if (tests === undefined || report === undefined) throw new Error('usage: machine-main TESTS REPORT');

process.stdin.on('end', () => process.exit(1)).resume();
prepareMachine();
const vitest = await startVitest('test', [tests], {
  config: new URL('vitest.machine.config.ts', import.meta.url).pathname,
  root: new URL('../..', import.meta.url).pathname,
  watch: false,
  reporters: [['json', { outputFile: report }]],
});
await vitest.close();
process.exit(0);
