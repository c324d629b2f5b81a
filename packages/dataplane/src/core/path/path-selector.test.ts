import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { formatUdpEndpoint, udpEndpoint } from '../peer/udp-endpoint.ts';
import { PathSelector, type Path } from './path-selector.ts';

const one = udpEndpoint('198.51.100.1' as IpAddress, 1);
const two = udpEndpoint('198.51.100.2' as IpAddress, 2);

/** Drives a selector: `passes` says which paths carry a probe; lost probes are reported after `lostAfterMs`. */
class Driver {
  readonly selector = new PathSelector<string>();
  nowMs = 0;
  /** What was used, as text, with the time. */
  readonly log: string[] = [];
  readonly #reports: { atMs: number; attempt: number; passed: boolean }[] = [];
  passes: (path: string) => boolean = () => false;
  lostAfterMs = 800;

  choose(endpoints: (typeof one)[], relays: string[] = []): void {
    this.selector.setChoices({ endpoints, relays }, this.nowMs);
    this.#drain();
  }

  hear(): void {
    this.selector.handleHeard(this.nowMs);
    this.#drain();
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = Math.min(
        this.selector.pollTimeout() ?? Infinity,
        ...this.#reports.map(({ atMs }) => atMs),
      );
      if (next > endMs) break;
      this.nowMs = next;
      const due = this.#reports.filter(({ atMs }) => atMs <= next);
      for (const report of due) {
        this.#reports.splice(this.#reports.indexOf(report), 1);
        this.selector.handleProbeResult(report, this.nowMs);
      }
      this.selector.handleTimeout(this.nowMs);
      this.#drain();
    }
    this.nowMs = endMs;
  }

  #drain(): void {
    for (let next = this.selector.pollCommand(); next !== undefined; next = this.selector.pollCommand()) {
      const path = textOf(next.path);
      if (next.kind === 'use') this.log.push(`${this.nowMs} ${path}`);
      else {
        const passed = this.passes(path);
        this.#reports.push({
          atMs: this.nowMs + (passed ? 10 : this.lostAfterMs),
          attempt: next.attempt,
          passed,
        });
      }
    }
  }
}

function textOf(path: Path<string>): string {
  if (path.kind === 'direct') return formatUdpEndpoint(path.endpoint);
  return path.kind === 'via' ? `via ${path.relay}` : 'passive';
}

describe('PathSelector', () => {
  it('tries each endpoint, then each relay, until a probe passes', () => {
    const driver = new Driver();
    driver.passes = (path) => path === 'via r2';
    driver.choose([one, two], ['r1', 'r2']);
    driver.advance(6_000);
    expect(driver.log).toEqual(['0 198.51.100.1:1', '1500 198.51.100.2:2', '3000 via r1', '4500 via r2']);
    expect(driver.selector.state()).toBe('up');
    expect(driver.selector.path()).toEqual({ kind: 'via', relay: 'r2' });
  });

  it('is not up before a probe has passed, and begins again after a pause where none does', () => {
    const driver = new Driver();
    driver.choose([one, two]);
    driver.advance(3_000);
    expect(driver.selector.state()).toBe('down');
    driver.advance(5_000);
    expect(driver.log).toEqual(['0 198.51.100.1:1', '1500 198.51.100.2:2', '8000 198.51.100.1:1']);
    expect(driver.selector.path()).toBeUndefined();
  });

  it('notices within three seconds that a path has died, and finds the other one', () => {
    const driver = new Driver();
    driver.passes = (path) => path === '198.51.100.1:1';
    driver.choose([one, two]);
    driver.advance(10_000);
    driver.passes = (path) => path === '198.51.100.2:2';
    driver.advance(3_000);
    expect(driver.selector.state()).toBe('trying');
    driver.advance(1_700);
    expect(driver.selector.path()).toEqual({ kind: 'direct', endpoint: two });
  });

  it('notices it as well where the next probe is under way before the last is known to be lost', () => {
    const driver = new Driver();
    driver.lostAfterMs = 1_200;
    driver.passes = (path) => path === '198.51.100.1:1';
    driver.choose([one, two]);
    driver.advance(10_000);
    driver.passes = (path) => path === '198.51.100.2:2';
    driver.advance(6_000);
    expect(driver.selector.path()).toEqual({ kind: 'direct', endpoint: two });
  });

  it('stays on a path through one lost probe', () => {
    const driver = new Driver();
    driver.passes = () => true;
    driver.choose([one, two]);
    driver.advance(2_500);
    driver.passes = () => false;
    driver.advance(1_000);
    driver.passes = () => true;
    driver.advance(5_000);
    expect(driver.log).toEqual(['0 198.51.100.1:1']);
  });

  it('tries direct endpoints again while relayed, and keeps the relay until one passes', () => {
    const driver = new Driver();
    driver.passes = (path) => path.startsWith('via');
    driver.choose([one, two], ['r1']);
    driver.advance(34_000);
    expect(driver.selector.state()).toBe('trying');
    expect(driver.selector.path()).toEqual({ kind: 'via', relay: 'r1' });
    driver.advance(4_000);
    expect(driver.selector.state()).toBe('up');
    expect(driver.selector.path()).toEqual({ kind: 'via', relay: 'r1' });
    driver.passes = () => true;
    driver.advance(40_000);
    expect(driver.selector.path()).toEqual({ kind: 'direct', endpoint: one });
  });

  it('tries direct endpoints at once when the peer is heard while relayed, and not otherwise', () => {
    const driver = new Driver();
    driver.passes = (path) => path.startsWith('via');
    driver.choose([one], ['r1']);
    driver.advance(5_000);
    driver.passes = () => true;
    driver.hear();
    expect(driver.selector.path()).toEqual({ kind: 'via', relay: 'r1' });
    driver.advance(2_000);
    expect(driver.selector.path()).toEqual({ kind: 'direct', endpoint: one });
    const used = driver.log.length;
    driver.hear();
    driver.advance(2_000);
    expect(driver.log).toHaveLength(used);
  });

  it('returns to the first relay that works, so that both ends come to the same', () => {
    const driver = new Driver();
    driver.passes = (path) => path === 'via r2';
    driver.choose([one], ['r1', 'r2', 'r3']);
    driver.advance(10_000);
    expect(driver.selector.path()).toEqual({ kind: 'via', relay: 'r2' });
    driver.passes = (path) => path.startsWith('via');
    driver.advance(40_000);
    expect(driver.selector.path()).toEqual({ kind: 'via', relay: 'r1' });
    driver.advance(80_000);
    expect(driver.log.filter((entry) => entry.includes('r3'))).toEqual([]);
  });

  it('waits for a peer without endpoints to speak first', () => {
    const driver = new Driver();
    driver.choose([]);
    driver.advance(1_000);
    driver.passes = () => true;
    driver.advance(10_000);
    expect(driver.selector.path()).toEqual({ kind: 'passive' });
  });

  it('keeps what is up when the choices change around it, and leaves what is no choice any more', () => {
    const driver = new Driver();
    driver.passes = () => true;
    driver.choose([one]);
    driver.advance(1_000);
    driver.choose([two, one]);
    driver.advance(1_000);
    expect(driver.selector.path()).toEqual({ kind: 'direct', endpoint: one });
    driver.choose([two]);
    driver.advance(1_000);
    expect(driver.selector.path()).toEqual({ kind: 'direct', endpoint: two });
  });

  it('gives a peer that was heard its full time', () => {
    const driver = new Driver();
    driver.choose([one, two]);
    driver.advance(1_400);
    driver.selector.handleRoamed(driver.nowMs);
    driver.advance(1_400);
    expect(driver.log).toEqual(['0 198.51.100.1:1']);
  });

  it('ignores what older probes have to say', () => {
    const selector = new PathSelector<string>();
    selector.setChoices({ endpoints: [one, two], relays: [] }, 0);
    selector.handleTimeout(1_500);
    selector.handleProbeResult({ attempt: 1, passed: true }, 1_600);
    expect(selector.state()).toBe('trying');
    selector.handleProbeResult({ attempt: 2, passed: true }, 1_600);
    expect(selector.path()).toEqual({ kind: 'direct', endpoint: two });
  });
});
