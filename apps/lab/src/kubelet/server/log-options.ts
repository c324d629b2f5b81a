import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import type { LogOptions } from '../read-log.ts';

/** Reads the query of `containerLogs` (core/v1 PodLogOptions). */
export function parseLogOptions(query: URLSearchParams, nowMs: number): Result<LogOptions, string> {
  const numbers: { tailLines?: number; limitBytes?: number; sinceSeconds?: number } = {};
  for (const name of ['tailLines', 'limitBytes', 'sinceSeconds'] as const) {
    const text = query.get(name);
    if (text === null || text === '') continue;
    if (!/^\d{1,15}$/.test(text)) return err(`${name} must be a whole number, not ${JSON.stringify(text)}`);
    numbers[name] = Number(text);
  }
  const sinceTime = query.get('sinceTime');
  const sinceMs =
    sinceTime !== null
      ? Date.parse(sinceTime)
      : numbers.sinceSeconds === undefined
        ? undefined
        : nowMs - numbers.sinceSeconds * 1000;
  if (Number.isNaN(sinceMs)) return err(`sinceTime must be a time, not ${JSON.stringify(sinceTime)}`);
  return ok({
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    ...(numbers.tailLines === undefined ? {} : { tailLines: numbers.tailLines }),
    ...(numbers.limitBytes === undefined ? {} : { limitBytes: numbers.limitBytes }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  });
}
