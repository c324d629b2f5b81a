import { describe, expect, it } from 'vitest';
import { lowerMtuBytes, tunnelMtuBytes } from './mtu.ts';

describe('MTU', () => {
  it.each([
    { local: 1_500, remote: 1_500, hasIpv6: true, mtuBytes: 1_420 },
    { local: 1_500, remote: 9_000, hasIpv6: true, mtuBytes: 1_420 },
    { local: 9_000, remote: 9_000, hasIpv6: false, mtuBytes: 8_920 },
    { local: 1_400, remote: 1_350, hasIpv6: false, mtuBytes: 1_270 },
    { local: 1_400, remote: 1_350, hasIpv6: true, mtuBytes: 1_280 },
    { local: 600, remote: 600, hasIpv6: false, mtuBytes: 576 },
  ])(
    'between underlays of $local and $remote is $mtuBytes (IPv6: $hasIpv6)',
    ({ local, remote, hasIpv6, mtuBytes }) => {
      const underlays = { localUnderlayMtuBytes: local, remoteUnderlayMtuBytes: remote };
      expect(tunnelMtuBytes({ ...underlays, hasIpv6 })).toBe(mtuBytes);
    },
  );

  it('goes down in steps, each smaller than what did not pass', () => {
    const steps = [9_000];
    while (steps.at(-1)! > 576) steps.push(lowerMtuBytes(steps.at(-1)!));
    expect(steps).toEqual([
      9_000, 8_920, 4_272, 1_420, 1_412, 1_400, 1_380, 1_360, 1_340, 1_320, 1_300, 1_280, 1_200, 1_000, 800,
      576,
    ]);
    expect(lowerMtuBytes(576)).toBe(576);
  });
});
