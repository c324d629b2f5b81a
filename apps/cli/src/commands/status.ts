import { callConsole, openConsoleApi } from '../api/console-api.ts';
import { columns, print, type CommandIo } from '../io/command-io.ts';
import { readTopology } from './join-leave.ts';

/** `flatland status`: clusters, domains and workloads at a glance. */
export async function status(io: CommandIo, options: { readonly json?: boolean }): Promise<void> {
  const api = openConsoleApi(io.env);
  const [overview, topology] = [
    await callConsole(() => api.console.overview.query()),
    await readTopology(io),
  ];
  print(io, options, { overview, topology }, () =>
    [
      `datapath: ${overview.datapath}`,
      '',
      columns([
        ['CLUSTER', 'STATE', 'NODES', 'AGENTS', 'VERSION'],
        ...overview.clusters.map((cluster) => [
          cluster.name,
          cluster.reachable ? 'reachable' : `unreachable: ${cluster.message ?? ''}`,
          String(cluster.nNodes),
          String(cluster.nAgents),
          cluster.version,
        ]),
      ]),
      '',
      columns([
        ['DOMAIN', 'PREFIXES', 'CLUSTERS', 'MEMBERS', 'PROGRAMMED'],
        ...Object.values(topology.domains).map((domain) => [
          domain.id,
          domain.prefixes.join(','),
          domain.clusters.map((cluster) => cluster.name).join(','),
          String(domain.memberCount),
          String(domain.programmedCount),
        ]),
      ]),
      '',
      columns([
        ['WORKLOAD', 'KIND', 'READY', 'DOMAINS'],
        ...Object.values(topology.workloads)
          .filter((workload) => workload.namespace !== 'flatland-system')
          .map((workload) => [
            `${workload.cluster}/${workload.namespace}/${workload.name}`,
            workload.kind,
            `${workload.replicas.ready}/${workload.replicas.desired}`,
            workload.domains
              .map((entry) => (entry.counts ? entry.domain : `${entry.domain} (${entry.refusal?.code})`))
              .join(',') || '-',
          ]),
      ]),
    ].join('\n'),
  );
}
