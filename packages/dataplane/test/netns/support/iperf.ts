/** iperf3 as a source of traffic; its rates are of no interest here. */
import { once } from 'node:events';
import type { Sandbox } from '../../support/sandbox.ts';

const PORTS = { tcp: 5201, udp: 5202 } as const;
const SECONDS = '1';
const UDP_RATE = '10M';

/** Starts servers for one test after the other, on all addresses of a namespace; they end with the sandbox. */
export async function startIperf(sandbox: Sandbox, netns: string): Promise<void> {
  for (const port of Object.values(PORTS)) {
    const server = sandbox.start(['iperf3', '-s', '--forceflush', '-p', String(port)], { netns });
    await once(server.stdout!, 'data');
  }
}

export interface IperfWay {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp';
}

/** What came of a second of traffic. */
export interface IperfOutcome {
  readonly receivedBytes: number;
  /** Of UDP datagrams, by the gaps that the receiver saw. */
  readonly lostFraction: number;
}

/** Sends for a second. */
export async function transfers(sandbox: Sandbox, { from, to, protocol }: IperfWay): Promise<IperfOutcome> {
  const kind = protocol === 'udp' ? ['-u', '-b', UDP_RATE] : [];
  const port = String(PORTS[protocol]);
  const command = ['iperf3', '-c', to, '-p', port, '-t', SECONDS, '-J', ...kind];
  const { end } = JSON.parse(await sandbox.must(command, { netns: from })) as IperfReport;
  const { bytes, lost_percent: lostPercent = 0 } = end.sum_received;
  return { receivedBytes: bytes, lostFraction: lostPercent / 100 };
}

interface IperfReport {
  readonly end: { readonly sum_received: { readonly bytes: number; readonly lost_percent?: number } };
}
