import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import { sensitive } from '@flatland/kube/client/sensitive';
import type { ClusterName } from '@flatland/shared/model/names';
import type { ElectionTiming } from '../src/lease/election.ts';
import { startElectedController } from '../src/start-elected-controller.ts';

/** What the parent gives it, as JSON in the environment's ORDER. */
export interface ChildOrder {
  readonly cluster: string;
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  readonly name: string;
  readonly timing: ElectionTiming;
}

/** What the child tells: each request that changes something, right before it is sent, and who leads. */
export type ChildNews = { readonly write: string } | { readonly leads: boolean };

/* A controller that stands for election, in a process of its own that can be stopped and continued. */
start(JSON.parse(process.env['ORDER'] ?? '') as ChildOrder);

function start(order: ChildOrder): void {
  const server = parseServerUrl(order.url);
  if (!server.ok) throw new Error(server.error);
  const tell = (news: ChildNews) => process.send?.(news);
  const client = told(
    openKubeClient(
      {
        cluster: order.cluster,
        server: server.value,
        caPem: order.caPem,
        credential: { kind: 'token', token: sensitive(order.token) },
      },
      { addressPolicy: localAddressPolicy },
    ),
    (write) => tell({ write }),
  );
  const controller = startElectedController({
    cluster: order.cluster as ClusterName,
    client,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    candidate: { pod: order.name, process: '1' },
    timing: order.timing,
  });
  let led = false;
  const watching = setInterval(() => {
    if (controller.leads() === led) return;
    led = !led;
    tell({ leads: led });
  }, 10);
  process.once('SIGTERM', () => {
    clearInterval(watching);
    void controller
      .stop()
      .then(() => client.close())
      .then(() => process.disconnect?.());
  });
}

function told(client: KubeClient, tell: (write: string) => void): KubeClient {
  const { transport } = client;
  return {
    ...client,
    transport: {
      ...transport,
      exchange(request, limits) {
        if (request.method !== 'GET') tell(`${request.method} ${request.path}`);
        return transport.exchange(request, limits);
      },
    },
  };
}
