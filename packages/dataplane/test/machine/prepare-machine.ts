import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** Makes the private machine that this process is the first of ready: a /run of its own, and loopback. */
export function prepareMachine(): void {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  mkdirSync('/run/netns');
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  process.env['FLATLAND_MACHINE'] = '1';
}
