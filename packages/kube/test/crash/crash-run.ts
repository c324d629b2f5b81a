import { Pool } from 'undici';
import type { ServerProcess } from './server-process.ts';
import { startServerProcess } from './server-process.ts';

/** What a run of kills found. */
export interface CrashReport {
  readonly kills: number;
  /** Writes that were acknowledged before their server was killed. */
  readonly acknowledged: number;
  /** Acknowledged writes that the restarted server did not have. */
  readonly lost: string[];
  /** Objects in a state that nobody wrote. */
  readonly wrong: string[];
}

export interface CrashOptions {
  readonly dataDir: string;
  readonly kills: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Longest time that a server lives after its first write, in ms. */
  readonly maxLifeMs?: number;
}

const PATH = '/api/v1/namespaces/default/configmaps';
const N_WRITERS = 8;

/** What is known of one object: the value that was acknowledged last, and one that may have been written since. */
interface Known {
  /** undefined: absent. */
  settled: string | undefined;
  /** Set while a write is under way, or when its server died before the answer. */
  open: { readonly value: string | undefined } | undefined;
}

/**
 * Writes to a server, kills it at a random moment, starts it again on the same directory and compares: every
 * acknowledged write must be there, and every other one whole or not at all. Repeats that.
 */
export async function crashRun({
  dataDir,
  kills,
  random,
  maxLifeMs = 60,
}: CrashOptions): Promise<CrashReport> {
  const known = new Map<string, Known>();
  const report = { kills: 0, acknowledged: 0, lost: [] as string[], wrong: [] as string[] };
  let server = await startServerProcess(dataDir);
  let lastRevision = 0;
  for (let round = 0; round < kills; round++) {
    const running = { on: true };
    const client = clientOf(server);
    const writers = Array.from({ length: N_WRITERS }, (_, writer) =>
      write(client, { known, report, running, random, writer, round }),
    );
    const before = report.acknowledged;
    await until(() => report.acknowledged > before);
    await delay(random() * maxLifeMs);
    running.on = false;
    await server.kill();
    await Promise.all(writers);
    await client.close();
    server = await startServerProcess(dataDir);
    report.kills++;
    lastRevision = await compare(server, known, report, lastRevision);
  }
  await server.stop();
  return report;
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo() && Date.now() < deadline) await delay(1);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

interface Writing {
  readonly known: Map<string, Known>;
  readonly report: { acknowledged: number };
  readonly running: { on: boolean };
  readonly random: () => number;
  readonly writer: number;
  readonly round: number;
}

/** Creates, changes and deletes objects of its own, one at a time, until the server is gone. */
async function write(
  client: Client,
  { known, report, running, random, writer, round }: Writing,
): Promise<void> {
  for (let step = 0; running.on; step++) {
    const name = `w${writer}-${Math.floor(random() * 6)}`;
    const state: Known = known.get(name) ?? { settled: undefined, open: undefined };
    known.set(name, state);
    const value = random() < 0.25 ? undefined : `${round}-${step}`;
    if (value === undefined && state.settled === undefined) continue;
    state.open = { value };
    try {
      const code = await client.put(name, value, state.settled !== undefined);
      if (code >= 300) throw new Error(`a write of ${name} was answered with ${code}`);
      state.settled = value;
      state.open = undefined;
      report.acknowledged++;
    } catch (error) {
      if (
        running.on &&
        !(error instanceof Error && /socket|ECONN|closed|other side|terminated/i.test(error.message))
      )
        throw error;
      return;
    }
  }
}

async function compare(
  server: ServerProcess,
  known: Map<string, Known>,
  report: { lost: string[]; wrong: string[] },
  lastRevision: number,
): Promise<number> {
  const client = clientOf(server);
  const { objects, revision } = await client.list();
  await client.close();
  if (revision < lastRevision)
    report.wrong.push(`the resourceVersion went back from ${lastRevision} to ${revision}`);
  for (const [name, state] of known) {
    const found = objects.get(name);
    const fits = found === state.settled || (state.open !== undefined && found === state.open.value);
    if (!fits && state.open === undefined)
      report.lost.push(`${name}: acknowledged ${state.settled}, found ${found}`);
    else if (!fits) report.wrong.push(`${name}: ${state.settled} or ${state.open?.value}, found ${found}`);
    state.settled = found;
    state.open = undefined;
  }
  return revision;
}

interface Client {
  readonly put: (name: string, value: string | undefined, exists: boolean) => Promise<number>;
  readonly list: () => Promise<{ objects: Map<string, string>; revision: number }>;
  readonly close: () => Promise<void>;
}

function clientOf({ url, caCertPem, token }: ServerProcess): Client {
  const pool = new Pool(url, { connections: N_WRITERS, connect: { ca: caCertPem } });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => {
    const answer = await pool.request({ method, path, headers, ...(body && { body: JSON.stringify(body) }) });
    return { code: answer.statusCode, text: await answer.body.text() };
  };
  return {
    put: async (name, value, exists) => {
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, labels: { crash: 'yes' } },
        data: { value },
      };
      if (value === undefined) return (await send('DELETE', `${PATH}/${name}`)).code;
      return exists
        ? (await send('PUT', `${PATH}/${name}`, object)).code
        : (await send('POST', PATH, object)).code;
    },
    list: async () => {
      const { text } = await send('GET', `${PATH}?labelSelector=crash`);
      const list = JSON.parse(text) as {
        metadata: { resourceVersion: string };
        items: { metadata: { name: string }; data: { value: string } }[];
      };
      return {
        objects: new Map(list.items.map(({ metadata, data }) => [metadata.name, data.value])),
        revision: Number(list.metadata.resourceVersion),
      };
    },
    close: () => pool.destroy(),
  };
}
