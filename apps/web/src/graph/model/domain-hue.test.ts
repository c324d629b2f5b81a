import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { N_HUES, assignHues } from './domain-hue.ts';

const THEMES = readThemes();

describe('hues of domains', () => {
  it.each(['light', 'dark'] as const)('can be told apart by everybody in the %s theme', (theme) => {
    const { hues } = THEMES[theme];
    expect(hues).toHaveLength(N_HUES);
    for (const view of Object.keys(VIEWS) as (keyof typeof VIEWS)[])
      for (let i = 0; i < hues.length; i++)
        for (let j = i + 1; j < hues.length; j++)
          expect(distance(hues[i]!, hues[j]!, view), `${hues[i]} ${hues[j]} ${view}`).toBeGreaterThan(0.045);
  });

  it.each(['light', 'dark'] as const)('stay clear of the hues of status in the %s theme', (theme) => {
    for (const domain of THEMES[theme].hues)
      for (const status of THEMES[theme].status) {
        const apart = Math.abs(hueAngle(domain) - hueAngle(status));
        expect(Math.min(apart, 360 - apart), `${domain} ${status}`).toBeGreaterThan(18);
      }
  });

  it.each(['light', 'dark'] as const)('are visible on the cards of the %s theme', (theme) => {
    for (const hue of THEMES[theme].hues) expect(contrast(hue, THEMES[theme].card), hue).toBeGreaterThan(3);
  });

  it('do not depend on the order of domains', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 20 }), (names) => {
        expect(byName(assignHues(names))).toEqual(byName(assignHues(names.toReversed())));
      }),
    );
  });

  it('differ for eight domains, and are patterned from the ninth on', () => {
    const names = Array.from({ length: 2 * N_HUES }, (_, i) => `d${i}`);
    const first = [...assignHues(names.slice(0, N_HUES)).values()];
    expect(new Set(first.map((hue) => hue.slot)).size).toBe(N_HUES);
    expect(first.some((hue) => hue.patterned)).toBe(false);
    const all = [...assignHues(names).values()];
    expect(all.filter((hue) => hue.patterned)).toHaveLength(N_HUES);
  });

  it('suit a domain that is named after a colour', () => {
    const hues = assignHues(['green', 'red', 'sandbox']);
    expect(hues.get('red')!.slot).toBe(0);
    expect(hues.get('green')!.slot).toBe(1);
  });
});

function readThemes() {
  const css = readFileSync(new URL('../../app/theme.css', import.meta.url), 'utf8');
  const [light = '', dark = ''] = css.split('.dark {');
  const read = (text: string) => {
    const value = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(text)?.[1] ?? '';
    return {
      hues: Array.from({ length: N_HUES }, (_, slot) => value(`hue-${slot}`)),
      status: ['fail', 'warn', 'staged'].map(value),
      card: value('card'),
    };
  };
  return { light: read(light), dark: read(dark) };
}

/** Machado 2009, severity 1, on linear RGB. */
const VIEWS = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

function linear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
}

function oklab([r = 0, g = 0, b = 0]: number[]): number[] {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function distance(a: string, b: string, view: keyof typeof VIEWS): number {
  const m = VIEWS[view];
  const seen = (hex: string) => {
    const c = linear(hex);
    return oklab(
      [0, 3, 6].map((row) =>
        Math.min(1, Math.max(0, m[row]! * c[0]! + m[row + 1]! * c[1]! + m[row + 2]! * c[2]!)),
      ),
    );
  };
  const [p, q] = [seen(a), seen(b)];
  return Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!, p[2]! - q[2]!);
}

function hueAngle(hex: string): number {
  const [, a = 0, b = 0] = oklab(linear(hex));
  return ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
}

function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, bl = 0] = linear(hex);
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [hi, lo] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

function byName<T>(hues: ReadonlyMap<string, T>): [string, T][] {
  return [...hues].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
