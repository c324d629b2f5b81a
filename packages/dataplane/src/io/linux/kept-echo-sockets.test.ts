import { ok } from '@flatland/shared/result';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import { expect, test, vi } from 'vitest';
import type { EchoOutcome, EchoRequest } from '../../ports/namespace-sockets.ts';
import type { EchoSocket } from './echo-datagram.ts';
import { KeptEchoSockets } from './kept-echo-sockets.ts';

const REQUEST: EchoRequest = {
  place: { type: 'domain', domain: 'red' as DomainName },
  protocol: 'ICMP',
  to: '10.81.0.2' as IpAddress,
  port: 0,
  payload: Uint8Array.of(1),
  timeoutMs: 100,
};
const ECHOED: EchoOutcome = { kind: 'echoed', rttMs: 1, from: REQUEST.to };

function world() {
  const namespace = { number: 1 };
  const kept = new KeptEchoSockets(({ place, to }) =>
    place.type === 'domain' ? `${namespace.number} ${to}` : undefined,
  );
  const opened: { close: ReturnType<typeof vi.fn> }[] = [];
  const take = async (request: EchoRequest = REQUEST) => {
    const taken = await kept.take(request, async () => {
      const socket = { close: vi.fn() };
      opened.push(socket);
      return ok(socket as unknown as EchoSocket);
    });
    if (!taken.ok) throw new Error('not opened');
    return taken.value;
  };
  return { kept, namespace, opened, take };
}

test('a socket whose probe was answered serves the next one to the same address, and no other', async () => {
  const { kept, namespace, opened, take } = world();
  const first = await take();
  kept.giveBack(first, ECHOED);
  expect(await take()).toBe(first);
  kept.giveBack(first, ECHOED);
  expect(await take({ ...REQUEST, to: '10.81.0.3' as IpAddress })).not.toBe(first);
  namespace.number = 2;
  expect(await take()).not.toBe(first);
  expect(opened).toHaveLength(3);
});

test('a socket that got no answer in time is closed, for that answer may still come', async () => {
  for (const outcome of [{ kind: 'timeout' }, { kind: 'unreachable', detail: '' }] as const) {
    const { kept, opened, take } = world();
    const first = await take();
    kept.giveBack(first, outcome);
    expect(opened[0]?.close).toHaveBeenCalledOnce();
    expect(await take()).not.toBe(first);
  }
});

test('two probes to one address at once have a socket each, of which one is kept', async () => {
  const { kept, opened, take } = world();
  const [first, second] = [await take(), await take()];
  expect(second).not.toBe(first);
  kept.giveBack(first, ECHOED);
  kept.giveBack(second, ECHOED);
  expect(opened.map(({ close }) => close.mock.calls.length)).toEqual([0, 1]);
});

test('sockets of pods are not kept', async () => {
  const { kept, opened, take } = world();
  kept.giveBack(await take({ ...REQUEST, place: { type: 'pod', podUid: 'a' } }), ECHOED);
  expect(opened[0]?.close).toHaveBeenCalledOnce();
});

test('an idle socket is closed after some seconds', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  try {
    const { kept, opened, take } = world();
    kept.giveBack(await take(), ECHOED);
    vi.advanceTimersByTime(4_000);
    expect(opened[0]?.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(7_000);
    expect(opened[0]?.close).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
