import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../conformance/api.ts';
import { normalize } from './normalize.ts';
import type { Transcript } from './run-sequence.ts';
import type { Sequence } from './steps.ts';

/** The first thing that the servers did not do alike. */
export interface Difference {
  /** The step, or the kind whose watch told another story. */
  readonly about: Json;
  readonly real: Json;
  readonly embedded: Json;
}

/** Compares what two servers did with a sequence; undefined where it is the same. */
export function findDifference(
  { steps }: Sequence,
  realTranscript: Transcript,
  embeddedTranscript: Transcript,
): Difference | undefined {
  const real = normalize(realTranscript);
  const embedded = normalize(embeddedTranscript);
  for (const [index, about] of steps.entries())
    if (real.outcomes[index]!.code !== embedded.outcomes[index]!.code)
      return { about, real: real.outcomes[index], embedded: embedded.outcomes[index] };
  for (const [index, about] of steps.entries())
    if (!isDeepStrictEqual(real.outcomes[index], embedded.outcomes[index]))
      return { about, real: real.outcomes[index], embedded: embedded.outcomes[index] };
  for (const about of Object.keys(real.events))
    if (!isDeepStrictEqual(real.events[about], embedded.events[about]))
      return { about: `watch of ${about}`, real: real.events[about], embedded: embedded.events[about] };
  return undefined;
}

const COLUMN = 60;

/** The difference for people: each field that is not the same, both answers side by side. */
export function describeDifference({ about, real, embedded }: Difference): string {
  const left = flatten(real);
  const right = flatten(embedded);
  const paths = [...new Set([...left.keys(), ...right.keys()])];
  const rows = paths
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => `${path}\n    ${pad(left.get(path))} | ${right.get(path) ?? '(absent)'}`);
  const head = `${'kube-apiserver'.padEnd(COLUMN)} | embedded`;
  return `${JSON.stringify(about)}\n    ${head}\n${rows.join('\n')}`;
}

function pad(text = '(absent)'): string {
  return text.padEnd(COLUMN);
}

/** Leaves by their paths. */
function flatten(value: Json, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
    for (const [key, part] of Object.entries(value)) flatten(part, `${path}/${key}`, into);
  else into.set(path, JSON.stringify(value) ?? 'undefined');
  return into;
}
