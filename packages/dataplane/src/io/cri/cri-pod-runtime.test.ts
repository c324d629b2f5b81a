import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Http2Server } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT_LOG } from '../../ports/log.ts';
import { PodSandboxState, RuntimeService } from './cri-runtime.js';
import { CriPodRuntime, networkNamespacePath } from './cri-pod-runtime.ts';

interface Sandbox {
  readonly id: string;
  readonly uid: string;
  readonly createdAt: bigint;
  readonly state?: PodSandboxState;
  readonly info: string;
}

const withPath = (path: string) =>
  JSON.stringify({
    pid: 7,
    runtimeSpec: { linux: { namespaces: [{ type: 'pid' }, { type: 'network', path }] } },
  });

/** Speaks CRI over a unix socket, as a container runtime does. */
class Runtime {
  readonly directory = mkdtempSync(join(tmpdir(), 'flatland-cri-'));
  readonly path = join(this.directory, 'cri.sock');
  sandboxes: Sandbox[] = [];
  nStatusCalls = 0;
  readonly #sessions = new Set<{ destroy(): void }>();
  #server: Http2Server | undefined;

  async start(): Promise<void> {
    const handler = connectNodeAdapter({
      routes: (router) =>
        router.service(RuntimeService, {
          listPodSandbox: ({ filter }) => ({
            items: this.sandboxes
              .filter(({ uid }) => [undefined, uid].includes(filter?.labelSelector['io.kubernetes.pod.uid']))
              .map(({ id, uid, createdAt, state = PodSandboxState.SANDBOX_READY }) => ({
                id,
                state,
                createdAt,
                metadata: { uid, name: 'pod', namespace: 'shop', attempt: 0 },
              })),
          }),
          podSandboxStatus: ({ podSandboxId, verbose }) => {
            this.nStatusCalls++;
            const info = this.sandboxes.find(({ id }) => id === podSandboxId)?.info ?? '';
            return { info: verbose ? { info } : {} };
          },
        }),
    });
    this.#server = createServer(handler);
    this.#server.on('session', (session) => this.#sessions.add(session));
    await new Promise<void>((resolve) => this.#server?.listen(this.path, resolve));
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

describe('CriPodRuntime', () => {
  let runtime: Runtime;
  let pods: CriPodRuntime;
  beforeEach(async () => {
    runtime = new Runtime();
    await runtime.start();
    pods = new CriPodRuntime(runtime.path, { log: SILENT_LOG, pollMs: 20 });
  });
  afterEach(async () => {
    await runtime.stop();
    rmSync(runtime.directory, { recursive: true });
  });

  it('finds the network namespace of a pod by its uid, and asks once for each sandbox', async () => {
    runtime.sandboxes = [
      { id: 'a', uid: 'uid-1', createdAt: 1n, info: withPath('/var/run/netns/cni-1') },
      { id: 'b', uid: 'uid-2', createdAt: 1n, info: withPath('/run/netns/cni-2') },
    ];
    expect(await pods.networkNamespace('uid-1')).toBe('/run/netns/cni-1');
    expect(await pods.networkNamespace('uid-1')).toBe('/run/netns/cni-1');
    expect(runtime.nStatusCalls).toBe(1);
    expect(await pods.networkNamespace('uid-3')).toBeUndefined();
    expect(await pods.networkNamespace('../uid-1')).toBeUndefined();
  });

  it('takes the newest sandbox that is ready: one made anew for a pod is another', async () => {
    const first = { id: 'a', uid: 'uid-1', createdAt: 1n, info: withPath('/run/netns/old') };
    runtime.sandboxes = [first];
    expect(await pods.networkNamespace('uid-1')).toBe('/run/netns/old');
    const second = { id: 'b', uid: 'uid-1', createdAt: 2n, info: withPath('/run/netns/new') };
    const gone = { id: 'c', uid: 'uid-1', createdAt: 3n, info: '', state: PodSandboxState.SANDBOX_NOTREADY };
    runtime.sandboxes = [gone, second, first];
    expect(await pods.networkNamespace('uid-1')).toBe('/run/netns/new');
  });

  it('tells of sandboxes that come, go and are made anew', async () => {
    const heard: string[] = [];
    const stop = pods.watch((uid) => heard.push(uid));
    const sandbox = { id: 'a', uid: 'uid-1', createdAt: 1n, info: '' };
    runtime.sandboxes = [sandbox];
    await vi.waitFor(() => expect(heard).toEqual(['uid-1']));
    runtime.sandboxes = [{ ...sandbox, id: 'b', createdAt: 2n }];
    await vi.waitFor(() => expect(heard).toEqual(['uid-1', 'uid-1']));
    runtime.sandboxes = [];
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    stop();
  });

  it('takes nobody away while the runtime is away, and goes on when it is back', async () => {
    runtime.sandboxes = [{ id: 'a', uid: 'uid-1', createdAt: 1n, info: withPath('/run/netns/a') }];
    const heard: string[] = [];
    const stop = pods.watch((uid) => heard.push(uid));
    await vi.waitFor(() => expect(heard).toEqual(['uid-1']));
    await runtime.stop();
    expect(await pods.networkNamespace('uid-1')).toBeUndefined();
    rmSync(runtime.path, { force: true });
    runtime.sandboxes.push({ id: 'b', uid: 'uid-2', createdAt: 1n, info: '' });
    await runtime.start();
    await vi.waitFor(() => expect(heard).toEqual(['uid-1', 'uid-2']), 5000);
    expect(await pods.networkNamespace('uid-1')).toBe('/run/netns/a');
    stop();
  });
});

it.each([
  ['no JSON', undefined],
  ['{}', undefined],
  ['{"pid":"7"}', undefined],
  [JSON.stringify({ pid: 7, runtimeSpec: { linux: { namespaces: [{ type: 'pid' }] } } }), undefined],
  [
    JSON.stringify({ pid: 7, runtimeSpec: { linux: { namespaces: [{ type: 'network' }] } } }),
    '/proc/7/ns/net',
  ],
  [withPath('relative'), '/proc/7/ns/net'],
  [withPath('/var/run/netns/x'), '/run/netns/x'],
])('reads from %s the path %s', (info, path) => {
  expect(networkNamespacePath(info)).toBe(path);
});
