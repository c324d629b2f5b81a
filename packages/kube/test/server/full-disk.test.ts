import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, rmdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Api } from '../conformance/api.ts';
import { configMap } from '../conformance/objects.ts';

const canMount =
  spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status === 0;
const title = canMount ? 'a full disk' : 'a full disk: LEFT OUT, no file system can be mounted here';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

describe.skipIf(!canMount)(title, () => {
  it(
    'answers writes with 507, serves reads, and takes writes again when there is space',
    { timeout: 60_000 },
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'flatland-full-'));
      const server = await serveOnSmallDisk(directory);
      try {
        const { api } = server;
        const acknowledged: string[] = [];
        let refused;
        for (let index = 0; refused === undefined && index < 500; index++) {
          const answer = await api.create(
            CONFIG_MAPS,
            configMap(`c${index}`, { labels: { full: 'yes' } }, { a: 'x'.repeat(100_000) }),
          );
          if (answer.code === 201) acknowledged.push(`c${index}`);
          else refused = answer;
        }
        expect(refused?.code).toBe(507);
        expect(refused?.body).toMatchObject({
          kind: 'Status',
          reason: 'InternalError',
          message: expect.stringContaining('the disk that holds the cluster is full'),
        });
        const names = async () =>
          (await api.get(`${CONFIG_MAPS}?labelSelector=full`)).body.items
            .map((item: { metadata: { name: string } }) => item.metadata.name)
            .sort();
        expect(await names()).toEqual(acknowledged.toSorted());
        await server.makeSpace();
        expect((await api.create(CONFIG_MAPS, configMap('after', { labels: { full: 'yes' } }))).code).toBe(
          201,
        );
        expect(await names()).toEqual([...acknowledged, 'after'].sort());
      } finally {
        await server.stop();
        await rmdir(directory);
      }
    },
  );
});

/** Serves from a file system of 8 MB that this test alone sees, with a file that can be taken away. */
async function serveOnSmallDisk(directory: string) {
  const serve = fileURLToPath(new URL('../crash/serve.ts', import.meta.url));
  const script =
    'mount -t tmpfs -o size=8m none "$1" && dd if=/dev/zero of="$1/ballast" bs=1M count=2 2>/dev/null && exec "$2" "$3" "$1"';
  const child = spawn('unshare', ['-Urm', 'sh', '-c', script, 'sh', directory, process.execPath, serve], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('the server did not start')));
  });
  const { url, caCertPem, token } = JSON.parse(line) as { url: string; caCertPem: string; token: string };
  const api = new Api({ url, caCertPem, token, hasControllers: true, close: async () => {} });
  return {
    api,
    makeSpace: () => rm(`/proc/${child.pid}/root${directory}/ballast`),
    stop: async () => {
      api.close();
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
