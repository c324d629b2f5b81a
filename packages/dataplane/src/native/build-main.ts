/** `npm run build`: builds the addon where there is a C compiler. Without one the portable path carries packets. */
import { buildAddon, removeStaleAddons } from './build-addon.ts';

const built = buildAddon();
if (built.ok) removeStaleAddons();
process.stdout.write(built.ok ? `native path: ${built.value}\n` : `native path left out: ${built.error}\n`);
