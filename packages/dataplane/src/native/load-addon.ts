import { constants } from 'node:os';
import { err, ok, type Result } from '@flatland/shared/result';
import { buildAddon } from './build-addon.ts';
import type { NativeAddon } from './native-addon.ts';

let loaded: Result<NativeAddon, string> | undefined;

/** The addon, built where that was not done yet; the error says why there is none. */
export function loadAddon(): Result<NativeAddon, string> {
  loaded ??= load();
  return loaded;
}

function load(): Result<NativeAddon, string> {
  const path = buildAddon();
  if (!path.ok) return path;
  const module: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(module, path.value, constants.dlopen.RTLD_NOW);
  } catch (error) {
    return err(`cannot load the native path: ${error instanceof Error ? error.message : String(error)}`);
  }
  return ok(module.exports as NativeAddon);
}
