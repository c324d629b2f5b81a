import { launchArguments } from '@flatland/bff/launch';

/**
 * Arguments and environment of the console's backend: Node with the least rights. `port`: where it listened before, so
 * that open tabs find it again.
 */
export function consoleCommand(places: {
  readonly dataDir: string;
  readonly kubeconfig: string;
  readonly port?: string | undefined;
}): {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  return {
    args: launchArguments({ dataDirectory: places.dataDir, kubeconfig: places.kubeconfig }),
    env: {
      FLATLAND_DATA: places.dataDir,
      FLATLAND_KUBECONFIG: places.kubeconfig,
      ...(places.port !== undefined && { FLATLAND_PORT: places.port }),
    },
  };
}
