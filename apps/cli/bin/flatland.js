#!/usr/bin/env node
// Starts the command with the workspace's own Node: the one that runs this file may be older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAJOR = 26;
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

// A device by itself starts as fast as it can, past everything that the other commands need.
const [command, ...rest] = process.argv.slice(2);
const isDevice = command === 'wireguard' && !rest.includes('--help') && !rest.includes('-h');
const main = at(isDevice ? '../../../packages/dataplane/src/wireguard/wireguard-main.ts' : '../src/main.ts');
const args = isDevice ? rest : process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) >= MAJOR) {
  process.argv.splice(1, process.argv.length - 1, main, ...args);
  await import(main);
} else {
  const own = at('../../../node_modules/.bin/node');
  if (!existsSync(own)) {
    console.error(`flatland needs Node ${MAJOR} and this is ${process.version}; run npm ci, which brings it`);
    process.exit(1);
  }
  runWith(own);
}

/** Runs the command with another Node, and is to the outside as if it were that: signals, open files, exit code. */
function runWith(node) {
  const stdio = ['inherit', 'inherit', 'inherit'];
  for (const name of ['WG_TUN_FD', 'WG_UAPI_FD']) {
    const fd = Number(process.env[name]);
    if (Number.isInteger(fd) && fd > 2 && fd < 1024) stdio[fd] = fd;
  }
  const child = spawn(node, [main, ...args], { stdio: Array.from(stdio, (entry) => entry ?? 'ignore') });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
