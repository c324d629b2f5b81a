import { settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { findMachine } from '../clusters/machine.ts';

/** A process of ours on a node. */
export interface OurProcess {
  readonly node: string;
  readonly program: 'agent' | 'forwarder' | 'controller';
  /** As the node counts. */
  readonly pid: number;
  /** Resident, in MiB. */
  readonly residentMib: number;
}

/** Our processes on all nodes of both clusters. */
export async function ourProcesses(): Promise<OurProcess[]> {
  const nodes = CLUSTERS.flatMap((cluster) => cluster.nodes.map(({ name }) => name));
  const found = await Promise.all(
    nodes.map(async (node) => {
      const machine = await findMachine(settings.directory, node);
      return readProcesses(node, await machine.run(['ps', '-eo', 'pid=,rss=,args=', '-ww']));
    }),
  );
  return found.flat();
}

/** What each had then and has now, to read. */
export function growth(before: readonly OurProcess[], after: readonly OurProcess[]): string {
  const lines = before.map((process) => {
    const now = after.find(({ node, pid }) => node === process.node && pid === process.pid);
    return `${process.node} ${process.program} ${process.residentMib} -> ${now?.residentMib ?? 'gone'} MiB`;
  });
  return lines.join('; ');
}

function readProcesses(node: string, text: string): OurProcess[] {
  return [...text.matchAll(/^ *(\d+) +(\d+) +.*\/flatland-(agent|forwarder|controller)\b/gm)].map(
    ([, pid, rssKib, program]) => ({
      node,
      program: program as OurProcess['program'],
      pid: Number(pid),
      residentMib: Math.round(Number(rssKib) / 1024),
    }),
  );
}
