import { connect } from 'node:net';
import { createClient, type Client } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { z } from 'zod';
import { isPodUid, type PodRuntime } from '../../ports/pod-runtime.ts';
import type { LogPort } from '../../ports/log.ts';
import { PodSandboxState, RuntimeService, type PodSandbox } from './cri-runtime.js';

/** How often the runtime is asked who is there. Of a new pod the API tells sooner, when its sandbox stands. */
const POLL_MS = 2000;
const CALL_TIMEOUT_MS = 5000;
/** Label that the kubelet gives every sandbox. */
const POD_UID_LABEL = 'io.kubernetes.pod.uid';

/** What containerd and CRI-O write into `info` of a verbose status, as far as it is read. */
const zInfo = z.object({
  pid: z.number().int().positive().optional(),
  runtimeSpec: z
    .object({
      linux: z
        .object({ namespaces: z.array(z.object({ type: z.string(), path: z.string().optional() })) })
        .optional(),
    })
    .optional(),
});

interface Options {
  readonly log: LogPort;
  /** @default 2000 */
  readonly pollMs?: number;
}

/**
 * Finds pods' sandboxes by asking the node's container runtime over CRI. A sandbox is known by its own id: one that was
 * made anew for the same pod is another sandbox.
 */
export class CriPodRuntime implements PodRuntime {
  readonly #client: Client<typeof RuntimeService>;
  readonly #log: LogPort;
  readonly #pollMs: number;
  readonly #listeners = new Set<(podUid: string) => void>();
  /** Network namespace by sandbox; `undefined` where it has none of its own. */
  readonly #paths = new Map<string, string | undefined>();
  #sandboxes = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #isAway = false;

  /** `socketPath`: where the runtime listens, such as `/run/containerd/containerd.sock`. */
  constructor(socketPath: string, { log, pollMs = POLL_MS }: Options) {
    this.#log = log;
    this.#pollMs = pollMs;
    const transport = createGrpcTransport({
      baseUrl: 'http://localhost',
      defaultTimeoutMs: CALL_TIMEOUT_MS,
      nodeOptions: { createConnection: () => connect(socketPath) },
    });
    this.#client = createClient(RuntimeService, transport);
  }

  async networkNamespace(podUid: string): Promise<string | undefined> {
    if (!isPodUid(podUid)) return undefined;
    try {
      const { items } = await this.#client.listPodSandbox({
        filter: { labelSelector: { [POD_UID_LABEL]: podUid } },
      });
      const sandbox = newestReady(items).get(podUid);
      return sandbox === undefined ? undefined : await this.#pathOf(sandbox);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  watch(listener: (podUid: string) => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) this.#pollLater(0);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  async #pathOf(sandboxId: string): Promise<string | undefined> {
    if (this.#paths.has(sandboxId)) return this.#paths.get(sandboxId);
    const { info } = await this.#client.podSandboxStatus({ podSandboxId: sandboxId, verbose: true });
    const path = networkNamespacePath(info['info'] ?? '');
    this.#paths.set(sandboxId, path);
    return path;
  }

  #pollLater(delayMs: number): void {
    this.#timer = setTimeout(() => {
      void this.#poll().then(() => {
        if (this.#timer !== undefined) this.#pollLater(this.#pollMs);
      });
    }, delayMs);
    this.#timer.unref();
  }

  /** A runtime that does not answer has taken nobody away: what was known stays. */
  async #poll(): Promise<void> {
    try {
      const { items } = await this.#client.listPodSandbox({});
      const before = this.#sandboxes;
      const now = newestReady(items);
      this.#sandboxes = now;
      this.#isAway = false;
      const ids = new Set(now.values());
      for (const id of this.#paths.keys()) if (!ids.has(id)) this.#paths.delete(id);
      for (const uid of new Set([...before.keys(), ...now.keys()]))
        if (before.get(uid) !== now.get(uid)) for (const listener of this.#listeners) listener(uid);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.#isAway) this.#log.warn({ error: String(error) }, 'the container runtime does not answer');
    this.#isAway = true;
  }
}

/** The newest sandbox that is ready, of each pod: a kubelet leaves the ones before it for a while. */
function newestReady(items: readonly PodSandbox[]): Map<string, string> {
  const newest = new Map<string, PodSandbox>();
  for (const item of items) {
    const uid = item.metadata?.uid ?? '';
    const known = newest.get(uid);
    if (item.state !== PodSandboxState.SANDBOX_READY || !isPodUid(uid)) continue;
    if (known === undefined || item.createdAt > known.createdAt) newest.set(uid, item);
  }
  return new Map([...newest].map(([uid, { id }]) => [uid, id]));
}

/**
 * Where a sandbox's network namespace is, from the JSON that a runtime tells about it: the path in its OCI
 * specification, else by its process. Nothing for a pod in its node's own network.
 */
export function networkNamespacePath(info: string): string | undefined {
  const parsed = zInfo.safeParse(parseJson(info));
  if (!parsed.success) return undefined;
  const { pid, runtimeSpec } = parsed.data;
  const network = runtimeSpec?.linux?.namespaces.find(({ type }) => type === 'network');
  if (network === undefined) return undefined;
  if (network.path !== undefined && network.path.startsWith('/'))
    // The same directory, by the name that it has in a container without that link.
    return network.path.replace(/^\/var\/run\//, '/run/');
  return pid === undefined ? undefined : `/proc/${pid}/ns/net`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
