#!/usr/bin/env node
// Starts the command with the workspace's own Node: the one that runs this file may be older.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAJOR = 26;
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= MAJOR) {
  await import(main);
} else {
  const own = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  if (!existsSync(own)) {
    console.error(`flatland needs Node ${MAJOR} and this is ${process.version}; run npm ci, which brings it`);
    process.exit(1);
  }
  const result = spawnSync(own, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(result.status ?? 1);
}
