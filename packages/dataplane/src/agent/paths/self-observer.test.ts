import { afterEach, expect, it } from 'vitest';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { VirtualClock } from '../../io/memory/virtual-clock.ts';
import type { EchoRequest, NamespaceSockets } from '../../ports/namespace-sockets.ts';
import type { DomainProgram, PeerProgram } from '../compile/node-program.ts';
import { parseQuestion, writeAnswer } from './endpoint-question.ts';
import { SelfObserver } from './self-observer.ts';

const OWN = ['192.168.0.2', 'fd00:1::2'] as IpAddress[];
const observers: SelfObserver[] = [];

afterEach(() => {
  for (const observer of observers.splice(0)) observer.stop();
});

it('knows of no NAT where every peer sees an address of its own', async () => {
  const observer = await observed({ w1: '192.168.0.2:51820', w2: '[fd00:1::2]:51820' });
  expect(observer.natFamilies()).toEqual([]);
  expect(observer.observedEndpoints()).toEqual({});
});

it('knows nothing before a peer has answered', async () => {
  expect((await observed({})).natFamilies()).toBeUndefined();
});

it('knows of a NAT in the one family in which peers see another address', async () => {
  const observer = await observed({
    w1: '203.0.113.7:4000',
    w2: '[fd00:1::2]:51820',
    w3: '203.0.113.7:4000',
  });
  expect(observer.natFamilies()).toEqual([4]);
  expect(observer.observedEndpoints()).toEqual({ red: [{ address: '203.0.113.7', port: 4000 }] });
});

it('tells the endpoint of each family that all who see it agree on', async () => {
  const observer = await observed({
    w1: '203.0.113.7:4000',
    w2: '[2001:db8::7]:4001',
    w3: '[2001:db8::7]:4001',
  });
  expect(observer.natFamilies()).toEqual([4, 6]);
  expect(observer.observedEndpoints()).toEqual({
    red: [
      { address: '203.0.113.7', port: 4000 },
      { address: '2001:db8::7', port: 4001 },
    ],
  });
});

it('tells no endpoint of a NAT that shows every peer another one', async () => {
  const observer = await observed({ w1: '203.0.113.7:4000', w2: '203.0.113.7:4001' });
  expect(observer.natFamilies()).toEqual([4]);
  expect(observer.observedEndpoints()).toEqual({});
});

/** An observer after its first round, whose peers see it so. */
async function observed(seen: Readonly<Record<string, string>>): Promise<SelfObserver> {
  const clock = new VirtualClock();
  const peers = Object.keys(seen).map((node, i) => ({
    cluster: 'west',
    node,
    routerAddresses: [`10.81.16.${i + 1}`],
  }));
  const sockets = {
    async echo({ to, payload }: EchoRequest) {
      const peer = peers.find(({ routerAddresses }) => routerAddresses.includes(to))!;
      const bytes = writeAnswer(parseQuestion(payload)!, seen[peer.node]!);
      return { kind: 'answered', rttMs: 1, detail: '', bytes };
    },
  } as unknown as NamespaceSockets;
  const observer = new SelfObserver({
    cluster: 'east',
    sockets,
    clock,
    random: (length) => new Uint8Array(length),
    pathState: () => ({ up: true, path: 'direct' }),
    onChange: () => {},
  });
  observers.push(observer);
  const program = { domain: 'red' as DomainName, peers: peers as unknown as readonly PeerProgram[] };
  observer.follow([program as DomainProgram], OWN);
  clock.advance(3000);
  await new Promise((resolve) => setImmediate(resolve));
  return observer;
}
