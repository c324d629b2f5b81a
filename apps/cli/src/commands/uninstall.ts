import { targetConnections, withClients } from '../install/target-clusters.ts';
import { uninstallCluster } from '../install/uninstall-cluster.ts';
import type { CommandIo } from '../io/command-io.ts';
import { parseTimeoutMs } from './install.ts';

/** What `flatland uninstall` is told beside the contexts. */
export interface UninstallCommandOptions {
  readonly kubeconfig: string;
  readonly acknowledge?: boolean;
  readonly leaveNodes?: boolean;
  /** Seconds, as written. */
  readonly timeout: string;
}

/** `flatland uninstall [CONTEXT…] --kubeconfig F`: takes Flatland and everything that it made away from clusters. */
export async function uninstall(
  io: CommandIo,
  options: UninstallCommandOptions,
  contexts: readonly string[],
): Promise<void> {
  const connections = targetConnections(options.kubeconfig, contexts);
  const timeoutMs = parseTimeoutMs(options.timeout);
  const { acknowledge = false, leaveNodes = false } = options;
  await withClients(connections, async (client) => {
    const say = (line: string) => io.out(`${client.cluster}: ${line}`);
    await uninstallCluster(client, { acknowledge, leaveNodes, waiting: { timeoutMs, say } });
    say('Flatland is gone; its own files stay on the nodes in /var/lib/flatland');
  });
}
