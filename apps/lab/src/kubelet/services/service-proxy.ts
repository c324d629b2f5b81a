import type { Logger } from 'pino';
import { runCommand } from '../../machine/run-command.ts';
import { WorkQueue } from '../../workloads/work-queue.ts';
import { serviceRules } from './service-rules.ts';
import type { ServiceState } from './service-state.ts';

/** Changes of one moment become one ruleset. */
const SETTLE_MS = 50;

/** Keeps the node's ClusterIPs leading to ready endpoints. */
export function startServiceProxy(deps: { services: ServiceState; nodeName: string; log: Logger }): void {
  let applied = '';
  const queue = new WorkQueue({
    async work() {
      const rules = serviceRules(deps.services.read(), deps.nodeName);
      if (rules !== applied) await runCommand('nft', ['-f', '-'], { input: rules });
      applied = rules;
      return undefined;
    },
    onError: (_key, error) => deps.log.warn({ err: error }, 'service addresses are not programmed'),
  });
  deps.services.onChange(() => queue.addAfter('services', SETTLE_MS));
  queue.add('services');
}
