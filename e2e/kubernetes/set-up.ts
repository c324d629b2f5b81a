import { takeDown } from '../clusters/down.ts';
import { installFlatland, uninstallFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { bringUp, isUp } from '../clusters/up.ts';

/** Brings the clusters up with Flatland on them. Gives what takes away what it brought. */
export default async function setUp(): Promise<() => Promise<void>> {
  const wasUp = await isUp(settings.directory);
  await bringUp(settings, console.log);
  await installFlatland(given);
  return async () => {
    if (wasUp) await uninstallFlatland(given);
    else await takeDown(settings.directory);
  };
}
