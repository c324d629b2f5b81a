import { join } from 'node:path';

/** What the console's backend is started with. */
export interface ConsolePlaces {
  readonly root: string;
  readonly dataDir: string;
  /** The exported console. */
  readonly consoleDir: string;
  readonly kubeconfig: string;
}

/** Arguments and environment of the console's backend. */
export function consoleCommand(places: ConsolePlaces): {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  return {
    args: [join(places.root, 'apps/bff/src/main.ts')],
    env: { FLATLAND_CONSOLE: places.consoleDir, FLATLAND_KUBECONFIG: places.kubeconfig },
  };
}
