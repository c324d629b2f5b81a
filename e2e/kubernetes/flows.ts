import { expect } from 'vitest';
import { eventually, type TestMember } from './members.ts';
import { pings } from './red.ts';
import { startTraffic, type Echoes } from './traffic.ts';

/** Echo requests of a member to an address. */
export interface Flow {
  readonly from: TestMember;
  readonly address: string;
}

/** From a member to each address of the others, once each answers. */
export async function between(from: TestMember, others: readonly TestMember[]): Promise<Flow[]> {
  const flows = others
    .filter(({ uid }) => uid !== from.uid)
    .flatMap(({ addresses }) => addresses.map((address) => ({ from, address })));
  expect(flows).not.toEqual([]);
  for (const { address } of flows) await eventually(() => pings(from, address));
  return flows;
}

/** Does something while requests are sent, and gives what came of each flow. */
export async function withTraffic(flows: readonly Flow[], work: () => Promise<void>): Promise<Echoes[]> {
  const running = await Promise.all(flows.map(({ from, address }) => startTraffic(from, address)));
  await work();
  return Promise.all(running.map((stop) => stop()));
}

/** No request went without an answer. Prints how many there were. */
export function expectNoneLost(echoes: readonly Echoes[]): void {
  console.log(JSON.stringify(echoes));
  for (const { sent, lost } of echoes) {
    expect(sent).toBeGreaterThan(50);
    expect(lost).toBe(0);
  }
}
