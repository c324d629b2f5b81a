import { apiServerLines, closedLine } from './api-server.ts';
import { dnsLines } from './dns.ts';
import type { PreflightFacts, PreflightSurroundings } from './facts.ts';
import { installedLines } from './installed.ts';
import { sortLines, type PreflightLine } from './line.ts';
import { networkPolicyLines } from './network-policy.ts';
import { nodeLines } from './nodes.ts';
import { podSecurityLines } from './pod-security.ts';
import { rangeLines } from './ranges.ts';
import { rightsLines } from './rights.ts';

/**
 * What is to be known before a cluster is connected, line by line with what to do, sorted. What cannot be known
 * before agents run is `unknown`, and says when it will be. Where the API does not answer, or not to these
 * credentials, that is the one line.
 */
export function preflight(facts: PreflightFacts, around: PreflightSurroundings): readonly PreflightLine[] {
  const closed = closedLine(facts);
  if (closed !== undefined) return [closed];
  return sortLines([
    ...apiServerLines(facts),
    ...rightsLines(facts, around),
    ...installedLines(facts),
    ...nodeLines(facts),
    ...rangeLines(facts, around),
    ...networkPolicyLines(facts),
    ...podSecurityLines(facts),
    ...dnsLines(facts),
  ]);
}

/** Why the cluster cannot be connected as asked for; empty where it can. */
export function preflightFailures(lines: readonly PreflightLine[]): readonly PreflightLine[] {
  return lines.filter(({ state }) => state === 'failed');
}
