import { join } from 'node:path';
import { run } from '../io/run.ts';

/**
 * Builds the forwarder's native path where its sources changed, so that the forwarders of all nodes find it. Where it
 * cannot be built they carry packets portably, and say so.
 */
export async function buildNativePath(root: string): Promise<void> {
  await run(process.execPath, [join(root, 'packages/dataplane/src/native/build-main.ts')], process.env);
}
