import { accessSync, constants } from 'node:fs';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/**
 * The browser that the workflows run in: `FLATLAND_BROWSER`, an installed Chromium, else the one that
 * `npm ci` brought. Undefined where none of them can be started on this machine.
 */
export async function findBrowser(): Promise<string | undefined> {
  const named = process.env['FLATLAND_BROWSER'];
  const installed = [...(named ? [named] : []), ...CANDIDATES].find(executable);
  if (installed !== undefined) return installed;
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const { default: chromium } = await import('@sparticuz/chromium');
  return chromium.executablePath();
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
