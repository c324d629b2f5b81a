import { kubernetes } from './kubernetes.ts';
import { lab } from './lab.ts';
import type { World } from './world.ts';

/** The world that this run is in: `FLATLAND_WORLD` says, which the configurations of Playwright set. */
export const WORLD: World = process.env['FLATLAND_WORLD'] === 'kubernetes' ? kubernetes : lab;
