/** The ways that a forwarder's packets can take on this machine; what crosses a wire is tested over both. */
import { loadAddon } from '../../src/native/load-addon.ts';

const addon = loadAddon();

/** Why the native path cannot be tested here; nothing where it can. */
export const nativeProblem = addon.ok ? undefined : addon.error;

export const PACKET_PATHS = [
  { path: 'native', pathProblem: nativeProblem },
  { path: 'portable', pathProblem: undefined },
] as const;
