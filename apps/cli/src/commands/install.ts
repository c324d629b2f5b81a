import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import { applyInstall } from '../install/apply-install.ts';
import { installOptions, type InstallFlags } from '../install/install-flags.ts';
import { replaceForwarders } from '../install/replace-forwarders.ts';
import { targetConnections, withClients } from '../install/target-clusters.ts';
import { waitReady } from '../install/wait-ready.ts';
import { CommandError, EXIT } from '../io/command-error.ts';
import type { CommandIo } from '../io/command-io.ts';

/** What `flatland install` is told beside the contexts. */
export interface InstallCommandOptions extends InstallFlags {
  readonly kubeconfig: string;
  readonly clusterName?: string;
  readonly dryRun?: boolean;
  readonly forceConflicts?: boolean;
  readonly replaceForwarders?: boolean;
  /** Seconds, as written. */
  readonly timeout: string;
}

/**
 * `flatland install [CONTEXT…] --kubeconfig F`: installs Flatland on clusters, or brings an installation to this
 * version: agents and controllers are replaced one by one; forwarders, which carry the packets, only with
 * `--replace-forwarders`.
 */
export async function install(
  io: CommandIo,
  options: InstallCommandOptions,
  contexts: readonly string[],
): Promise<void> {
  const connections = targetConnections(options.kubeconfig, contexts);
  if (options.clusterName !== undefined && connections.length > 1)
    throw new CommandError('--cluster-name names one cluster, and these are several', {
      next: 'Install one context at a time',
      exitCode: EXIT.usage,
    });
  const orders = new Map(
    connections.map(({ cluster }) => [cluster, installOptions(options, options.clusterName ?? cluster)]),
  );
  const timeoutMs = parseTimeoutMs(options.timeout);
  await withClients(connections, async (client) => {
    const say = (line: string) => io.out(`${client.cluster}: ${line}`);
    const waiting = { timeoutMs, say };
    const { dryRun = false, forceConflicts: force = false } = options;
    const objects = installManifests(orders.get(client.cluster)!);
    await applyInstall(client, { objects, force, dryRun, waiting });
    if (dryRun) return;
    const { outdated } = await waitReady(client, waiting);
    if (outdated > 0 && options.replaceForwarders === true) {
      await replaceForwarders(client, objects, waiting);
      await waitReady(client, waiting);
    } else if (outdated > 0)
      say(
        `${outdated} forwarders still run the version before; replace them, with a short gap in the tunnels of each node, with --replace-forwarders`,
      );
    say('Flatland is installed');
  });
}

/** Milliseconds of a number of seconds. Throws a usage error where it is none. */
export function parseTimeoutMs(seconds: string): number {
  const value = Number(seconds);
  if (!/^\d{1,5}$/.test(seconds) || value === 0)
    throw new CommandError(`--timeout is a number of seconds, not ${seconds}`, { exitCode: EXIT.usage });
  return value * 1000;
}
