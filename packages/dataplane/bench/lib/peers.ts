/** Programs that the forwarder is measured beside: built once, kept in the user's cache directory. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { err, ok, type Result } from '@flatland/shared/result';

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'flatland');
const BUILD_TIMEOUT_MS = 900_000;

/** Path of the newest wireguard-go. */
export function wireguardGo(): Result<string, string> {
  return built('wireguard', ['go', 'install', 'golang.zx2c4.com/wireguard@latest'], {
    GOBIN: join(CACHE, 'bin'),
  });
}

/** Path of boringtun-cli 0.7.1. */
export function boringtun(): Result<string, string> {
  const version = ['--version', '0.7.1', '--locked'];
  return built('boringtun-cli', ['cargo', 'install', 'boringtun-cli', ...version, '--root', CACHE], {});
}

function built(name: string, command: readonly string[], env: NodeJS.ProcessEnv): Result<string, string> {
  const path = join(CACHE, 'bin', name);
  if (existsSync(path)) return ok(path);
  mkdirSync(join(CACHE, 'bin'), { recursive: true });
  process.stdout.write(`builds ${name}: ${command.join(' ')}\n`);
  const [file = '', ...args] = command;
  const { error, status, stderr } = spawnSync(file, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  if (error !== undefined) return err(`cannot build ${name}: ${error.message}`);
  return status === 0 ? ok(path) : err(`cannot build ${name}: ${stderr.slice(-500)}`);
}
