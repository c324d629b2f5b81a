import type { ServerState } from './server-state.ts';

/** The server's own numbers in Prometheus' text format. */
export function metricsText({ store, watches, metrics }: ServerState): string {
  const lines = [
    '# HELP apiserver_request_total Number of requests answered, by verb, group, resource and code.',
    '# TYPE apiserver_request_total counter',
    ...metrics.lines(),
    '# HELP apiserver_storage_objects Number of stored objects at the time of last check split by kind.',
    '# TYPE apiserver_storage_objects gauge',
    ...[...store.counts()].map(
      ([resource, count]) => `apiserver_storage_objects{resource="${resource}"} ${count}`,
    ),
    '# HELP apiserver_longrunning_requests Number of open watches.',
    '# TYPE apiserver_longrunning_requests gauge',
    `apiserver_longrunning_requests{verb="WATCH"} ${watches.size}`,
    '# HELP apiserver_resource_version Revision of the last committed change.',
    '# TYPE apiserver_resource_version counter',
    `apiserver_resource_version ${store.revision}`,
  ];
  return `${lines.join('\n')}\n`;
}
