import { localAddressPolicy } from '../../src/client/address-policy.ts';
import { openKubeClient } from '../../src/client/kube-client.ts';
import type { KubeClient, KubeClientOptions } from '../../src/client/kube-client.ts';
import { parseServerUrl } from '../../src/client/server-url.ts';
import { FaultyProxy } from '../../src/testing/faulty-proxy/faulty-proxy.ts';
import type { EmbeddedServerOptions } from '../../src/server/start-server.ts';
import { Embedded } from '../client/embedded.ts';

/** An embedded cluster behind a faulty proxy. */
export class FaultyCluster implements AsyncDisposable {
  readonly proxy: FaultyProxy;
  readonly embedded: Embedded;
  /** Reaches the server itself. */
  readonly direct: KubeClient;
  readonly #clients: KubeClient[] = [];

  private constructor(embedded: Embedded, proxy: FaultyProxy) {
    this.embedded = embedded;
    this.proxy = proxy;
    this.direct = embedded.client();
  }

  static async start(options: Partial<EmbeddedServerOptions> = {}): Promise<FaultyCluster> {
    const embedded = await Embedded.start(options);
    return new FaultyCluster(embedded, await FaultyProxy.start(embedded.server));
  }

  /** A client that goes through the proxy. */
  client(options: KubeClientOptions = {}): KubeClient {
    const server = parseServerUrl(this.proxy.url);
    if (!server.ok) throw new Error(server.error);
    const { caCertPem: caPem } = this.proxy;
    const connection = { ...this.embedded.connection(), server: server.value, caPem };
    const client = openKubeClient(connection, { addressPolicy: localAddressPolicy, ...options });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.proxy[Symbol.asyncDispose]();
    await this.embedded[Symbol.asyncDispose]();
  }
}
