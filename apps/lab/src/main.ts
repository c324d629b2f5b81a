/**
 * The lab: the embedded clusters of a first start.
 *
 *     node apps/lab/src/main.ts                 starts it; see README.md for what it prints
 *     node apps/lab/src/main.ts reset --yes     ends a running lab and removes its data
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { explainFailure } from './lab/explain-failure.ts';
import type { LabEvent } from './lab/report.ts';

// Whoever reads may be gone; that ends nothing by itself.
process.stdout.on('error', () => {});
const tell = (event: LabEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);
const dataPath = process.env['FLATLAND_DATA'] || '.flatland';

// Before anything large is imported: compiling is most of a second start.
enableCompileCache(join(dataPath, 'cache', 'compile'));

try {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) {
    const { runLab } = await import('./lab/run-lab.ts');
    await runLab({
      dataPath,
      datapath: process.env['FLATLAND_DATAPATH'],
      endsWithParent: process.env['FLATLAND_END_WITH_PARENT'] === '1',
      tell,
    });
  } else if (command === 'reset') {
    const { resetLab } = await import('./lab/reset-lab.ts');
    await resetLab(dataPath, { isConfirmed: args.includes('--yes') });
    tell({ event: 'step', text: 'the lab and its data are gone', ms: 0 });
  } else {
    tell({
      event: 'failed',
      text: `unknown command ${command}`,
      next: 'use `reset --yes`, or nothing to start',
    });
    process.exitCode = 2;
  }
} catch (error) {
  tell({ event: 'failed', ...explainFailure(error) });
  process.exit(1);
}
