import { describeMissing, preflight } from '../machine/preflight.ts';
import type { Preflight } from '../machine/preflight.ts';
import { LabError } from './report.ts';

export type DatapathChoice =
  | { readonly datapath: 'kernel'; readonly asRoot: boolean }
  | {
      readonly datapath: 'in-memory';
      readonly reason: string;
      /** What would bring the kernel datapath, where it was wished for and cannot be had. */
      readonly next?: string;
    };

/** Directories that the machine hides behind its own: nothing that the lab needs may be in them. */
const HIDDEN = ['/run'];

/**
 * Decides how packets are carried, from `FLATLAND_DATAPATH` and what the machine gives. `paths` are the real paths of
 * the data directory and of what runs. Throws LabError for an unknown value, and where the kernel is asked for and cannot be had.
 */
export async function chooseDatapath(
  wanted: string | undefined,
  paths: readonly string[],
  check: () => Promise<Preflight> = preflight,
): Promise<DatapathChoice> {
  switch (wanted ?? 'auto') {
    case 'in-memory':
      return { datapath: 'in-memory', reason: 'FLATLAND_DATAPATH=in-memory' };
    case 'auto':
    case 'kernel': {
      const result = withPaths(await check(), paths);
      if (result.ok) return { datapath: 'kernel', asRoot: result.asRoot };
      const what = describeMissing(result.missing);
      const next = result.missing.map((missing) => missing.next).join('; ');
      if (wanted !== 'kernel') return { datapath: 'in-memory', reason: `missing: ${what}`, next };
      throw new LabError(`the kernel datapath needs ${what}`, `${next}; or set FLATLAND_DATAPATH=in-memory`);
    }
    default:
      throw new LabError(
        `FLATLAND_DATAPATH is ${JSON.stringify(wanted)}`,
        'set it to auto, kernel or in-memory',
      );
  }
}

function withPaths(result: Preflight, paths: readonly string[]): Preflight {
  const hidden = paths.filter((path) => HIDDEN.some((directory) => path.startsWith(`${directory}/`)));
  if (hidden.length === 0) return result;
  const more = hidden.map((path) => ({ what: `${path} outside /run`, next: `move ${path} elsewhere` }));
  return { ok: false, missing: [...(result.ok ? [] : result.missing), ...more] };
}
