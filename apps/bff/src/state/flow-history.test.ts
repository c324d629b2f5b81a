import type { IpAddress } from '@flatland/shared/address/ip';
import type { NodeReport } from '@flatland/shared/report/report';
import { expect, test } from 'vitest';
import { FLOW_MEMORY_MS, FlowHistory } from './flow-history.ts';

const [A, B, C] = ['10.81.0.1', '10.81.0.2', '10.81.0.3'] as IpAddress[];

function setup() {
  const clock = { nowMs: 10_000_000 };
  const history = new FlowHistory(() => clock.nowMs);
  const note = (node: string, from: IpAddress, to: IpAddress, packets: number) =>
    history.note({
      cluster: 'aws-east',
      node,
      domains: [
        { domain: 'red', flows: [{ from, to, packets, bytes: packets * 100, lastSeenMs: clock.nowMs }] },
      ],
    } as unknown as NodeReport);
  const seen = (...addresses: IpAddress[]) =>
    history.touching('red', new Set(addresses)).map(({ from, to, packets }) => [from, to, packets]);
  return { clock, history, note, seen };
}

test('conversations of either direction are found by an end', () => {
  const { note, seen } = setup();
  note('n1', A!, B!, 5);
  note('n1', B!, A!, 4);
  note('n1', B!, C!, 3);
  expect(seen(A!)).toEqual([
    [A, B, 5],
    [B, A, 4],
  ]);
});

test('the same packets, counted on both ends’ nodes, are told once', () => {
  const { note, seen } = setup();
  note('n1', A!, B!, 5);
  note('n2', A!, B!, 4);
  expect(seen(A!)).toEqual([[A, B, 5]]);
});

test('an agent that restarts begins to count anew, and nothing is forgotten', () => {
  const { note, seen } = setup();
  note('n1', A!, B!, 5);
  note('n1', A!, B!, 9);
  note('n1', A!, B!, 2);
  expect(seen(A!)).toEqual([[A, B, 11]]);
});

test('what was not seen for an hour is no conversation any more', () => {
  const { clock, note, seen, history } = setup();
  note('n1', A!, B!, 5);
  clock.nowMs += FLOW_MEMORY_MS;
  expect(seen(A!)).toHaveLength(1);
  clock.nowMs += 1;
  expect(seen(A!)).toEqual([]);
  expect(history.observedSinceMs()).toBe(clock.nowMs - FLOW_MEMORY_MS);
});
