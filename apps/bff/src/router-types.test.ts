import type { Plan } from '@flatland/shared/plan/plan';
import type { ConsoleEvent } from '@flatland/shared/report/console-event';
import type { Topology } from '@flatland/shared/topology/topology';
import type { inferRouterOutputs } from '@trpc/server';
import { expect, expectTypeOf, test } from 'vitest';
import type { ChangeSet } from './api/change-set.ts';
import type { Explanation, Matrix } from './api/console.ts';
import type { AppRouter } from './router.ts';

type Outputs = inferRouterOutputs<AppRouter>;
type Streamed<T> = T extends AsyncIterable<infer Event> ? Event : never;

test('what a client gets has the shared types, without conversion', () => {
  accepts<Topology>((output: Outputs['topology']['get']) => output);
  accepts<Plan>((output: Outputs['changeSet']['plan']['plan']) => output);
  accepts<ChangeSet>((output: Outputs['changeSet']['get']) => output);
  accepts<Explanation>((output: Outputs['why']['explain']) => output);
  accepts<Matrix>((output: Outputs['probe']['matrix']) => output);
  accepts<{ id: string; data: ConsoleEvent }>((output: Streamed<Outputs['events']['subscribe']>) => output);
  expectTypeOf<Outputs['session']['me']['kind']>().toEqualTypeOf<'cli' | 'session'>();
});

/** Compiles only where the function's result is a `T`. */
function accepts<T>(convert: (output: never) => T): void {
  expectTypeOf(convert).toBeFunction();
}

test('the router loads, with no name that tRPC reserves', async () => {
  const { appRouter } = await import('./router.ts');
  expect(Object.keys(appRouter._def.procedures)).toContain('changeSet.applyPlan');
});
