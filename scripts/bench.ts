import { globSync } from 'node:fs';
import { run } from './lib/run.ts';

/** `npm run bench`: prints every figure with its budget, one script after the other. `npm run bench -- plan` runs those whose path has the word. */
const words = process.argv.slice(2);
const scripts = globSync(['packages/*/bench/*.ts', 'apps/*/bench/*.ts', 'e2e/bench/*.ts'])
  .filter((path) => !path.endsWith('-server.ts'))
  .toSorted();
for (const script of scripts.filter(
  (path) => words.length === 0 || words.some((word) => path.includes(word)),
)) {
  console.log(`\n── ${script}`);
  const { exitCode } = await run(process.execPath, [script]);
  if (exitCode !== 0) console.log(`${script} ended with ${exitCode}`);
}
