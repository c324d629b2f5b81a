/** How much of a long test is done: a little in every run, all of it with `FLATLAND_LONG` set. */
export function scaled(short: number, long: number): number {
  return process.env['FLATLAND_LONG'] === undefined ? short : long;
}

/** Time for a test that `scaled` may make long. */
export const SCALED_TIMEOUT_MS = scaled(120_000, 7_200_000);
