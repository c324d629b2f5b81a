import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAddressPolicy } from '../../src/client/address-policy.ts';
import type { Connection } from '../../src/client/connection.ts';
import { openKubeClient } from '../../src/client/kube-client.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { sensitive } from '../../src/client/sensitive.ts';
import { parseServerUrl } from '../../src/client/server-url.ts';
import { startEmbeddedServer } from '../../src/server/start-server.ts';
import type { EmbeddedServer, EmbeddedServerOptions } from '../../src/server/start-server.ts';

/** An embedded API server on a directory of its own, which can be stopped and started again in its place. */
export class Embedded implements AsyncDisposable {
  readonly folder: string;
  readonly #options: Partial<EmbeddedServerOptions>;
  #server: EmbeddedServer;
  #clients: KubeClient[] = [];

  private constructor(folder: string, server: EmbeddedServer, options: Partial<EmbeddedServerOptions>) {
    this.folder = folder;
    this.#server = server;
    this.#options = options;
  }

  static async start(options: Partial<EmbeddedServerOptions> = {}): Promise<Embedded> {
    const folder = await mkdtemp(join(tmpdir(), 'flatland-client-'));
    return new Embedded(
      folder,
      await startEmbeddedServer({ dataDir: folder, clusterName: 'test', ...options }),
      options,
    );
  }

  get server(): EmbeddedServer {
    return this.#server;
  }

  connection(): Connection {
    const server = parseServerUrl(this.#server.url);
    if (!server.ok) throw new Error(server.error);
    const token = sensitive(this.#server.adminToken);
    return {
      cluster: 'test',
      server: server.value,
      caPem: this.#server.caCertPem,
      credential: { kind: 'token', token },
    };
  }

  client(): KubeClient {
    const client = openKubeClient(this.connection(), { addressPolicy: localAddressPolicy });
    this.#clients.push(client);
    return client;
  }

  async restart(downMs: number): Promise<void> {
    const { port } = this.#server;
    await this.#server.close();
    await new Promise((resolve) => setTimeout(resolve, downMs));
    await this.#startAgain(port);
  }

  /** Keeps a copy of everything that the server has. */
  async backUp(): Promise<void> {
    const { port } = this.#server;
    await this.#server.close();
    await cp(this.folder, this.#backup, { recursive: true });
    await this.#startAgain(port);
  }

  /** Goes back to what was copied. */
  async restore(): Promise<void> {
    const { port } = this.#server;
    await this.#server.close();
    await rm(this.folder, { recursive: true });
    await cp(this.#backup, this.folder, { recursive: true });
    await this.#startAgain(port);
  }

  async #startAgain(port: number): Promise<void> {
    this.#server = await startEmbeddedServer({
      dataDir: this.folder,
      clusterName: 'test',
      ...this.#options,
      port,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.#server.close();
    await rm(this.folder, { recursive: true });
    await rm(this.#backup, { recursive: true, force: true });
  }

  get #backup(): string {
    return `${this.folder}-backup`;
  }
}
