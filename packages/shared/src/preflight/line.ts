/** What a preflight looks at, in the order in which its lines are shown, with a title for people. */
export const PREFLIGHT_CHECKS = {
  'api-server': 'API server',
  version: 'Kubernetes version',
  'read-rights': 'Rights to read',
  'write-rights': 'Rights to write',
  'probe-rights': 'Rights to probe',
  'install-rights': 'Rights to install',
  flatland: 'Flatland’s own kinds',
  nodes: 'Nodes',
  'kernel-wireguard': 'Kernel WireGuard',
  udp: 'UDP between nodes',
  mtu: 'MTU',
  'path-mtu': 'Path MTU',
  ranges: 'Address ranges',
  'domain-pool': 'Domains’ prefixes',
  'network-policy': 'NetworkPolicy engine',
  'pod-security': 'Pod security',
  dns: 'DNS',
  git: 'Argo CD and Flux',
} as const;

export type PreflightCheck = keyof typeof PREFLIGHT_CHECKS;

/**
 * `ok`: as it should be. `warning`: the cluster can be connected, and something will not work or needs a hand.
 * `failed`: it cannot be connected in this mode. `unknown`: it cannot be known now; the text says why and when.
 */
export type PreflightState = 'ok' | 'warning' | 'failed' | 'unknown';

/** One thing that a preflight found. */
export interface PreflightLine {
  readonly check: PreflightCheck;
  readonly state: PreflightState;
  readonly text: string;
  /** What to do; empty where there is nothing to do. */
  readonly next: string;
}

/** A line of a check: state, text, and what to do where there is something. Texts of a cluster bring no control characters in. */
export function line(check: PreflightCheck, state: PreflightState, text: string, next = ''): PreflightLine {
  return { check, state, text: printable(text), next: printable(next) };
}

function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
}

const ORDER = new Map(Object.keys(PREFLIGHT_CHECKS).map((check, index) => [check, index]));
const STATES: readonly PreflightState[] = ['failed', 'warning', 'unknown', 'ok'];

/** Sorts lines by check, then the worst state first, then by text. */
export function sortLines(lines: readonly PreflightLine[]): readonly PreflightLine[] {
  return lines.toSorted(
    (a, b) =>
      (ORDER.get(a.check) ?? 0) - (ORDER.get(b.check) ?? 0) ||
      STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
      (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
  );
}
