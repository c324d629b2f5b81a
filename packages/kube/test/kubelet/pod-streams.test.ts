import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { EmbeddedServer } from '../../src/server/start-server.ts';
import { startEmbeddedServer } from '../../src/server/start-server.ts';
import { Api } from '../conformance/api.ts';
import { pod } from '../conformance/objects.ts';
import { NODE, sampleKubelets } from './sample-kubelets.ts';

const PODS = '/api/v1/namespaces/default/pods';

describe('what reaches into pods', () => {
  let dataDir: string;
  let server: EmbeddedServer;
  let api: Api;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'flatland-kube-'));
    server = await startEmbeddedServer({ dataDir, clusterName: 'pods', kubelets: sampleKubelets() });
    api = new Api({
      url: server.url,
      caCertPem: server.caCertPem,
      token: server.adminToken,
      hasControllers: true,
      close: server.close,
    });
    const ports = [{ name: 'web', containerPort: 8080 }];
    await api.create(
      PODS,
      pod('one', {}, { nodeName: NODE, containers: [{ name: 'main', image: 'i:1', ports }] }),
    );
    await api.create(
      PODS,
      pod(
        'two',
        {},
        {
          nodeName: NODE,
          containers: [
            { name: 'a', image: 'i:1' },
            { name: 'b', image: 'i:1' },
          ],
        },
      ),
    );
    await api.create(PODS, pod('nowhere'));
    await api.create(PODS, pod('away', {}, { nodeName: 'node-2' }));
  });

  afterAll(async () => {
    api.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  describe('logs', () => {
    it('come from the kubelet, whole or their tail', async () => {
      expect((await api.get(`${PODS}/one/log`)).text).toBe(
        'one/main line 1\none/main line 2\none/main line 3\n',
      );
      expect((await api.get(`${PODS}/one/log?tailLines=1`)).text).toBe('one/main line 3\n');
    });

    it('are followed', async () => {
      expect((await api.get(`${PODS}/one/log?follow=true&tailLines=1`)).text).toBe(
        'one/main line 3\nfollowed\n',
      );
    });

    it('need the name of a container where there are several', async () => {
      const { code, body } = await api.get(`${PODS}/two/log`);
      expect([code, body.message]).toEqual([
        400,
        'a container name must be specified for pod two, choose one of: [a b]',
      ]);
      expect((await api.get(`${PODS}/two/log?container=b&tailLines=1`)).text).toBe('two/b line 3\n');
      expect((await api.get(`${PODS}/two/log?container=c`)).code).toBe(400);
    });

    it('of a pod without a node, of an unreachable node, and of no pod are Statuses', async () => {
      expect((await api.get(`${PODS}/nowhere/log`)).body.message).toBe(
        'pod nowhere does not have a host assigned',
      );
      const away = await api.get(`${PODS}/away/log`);
      expect([away.code, away.body.message]).toEqual([
        502,
        'error trying to reach the kubelet of node node-2: node node-2 is not running',
      ]);
      expect((await api.get(`${PODS}/nothing/log`)).code).toBe(404);
    });
  });

  describe('the pod proxy', () => {
    it('carries any method, path, query and body to the pod, and the answer back', async () => {
      const got = await api.get(`${PODS}/one/proxy/a/b%2Fc?x=1&y=%20`);
      expect(got.body).toEqual({
        port: 8080,
        method: 'GET',
        url: '/a/b%2Fc?x=1&y=%20',
        body: '',
        authorization: null,
      });
      expect(got.headers['x-from']).toBe('pod');
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const { code, body } = await api.send(method, `${PODS}/one/proxy/thing`, {
          body: 'hello',
          contentType: 'text/plain',
        });
        expect([code, body.method, body.body]).toEqual([method === 'POST' ? 201 : 200, method, 'hello']);
      }
    });

    it('takes a port by number or name', async () => {
      expect((await api.get(`${PODS}/one:9090/proxy/`)).body.port).toBe(9090);
      expect((await api.get(`${PODS}/one:web/proxy/`)).body.port).toBe(8080);
      expect((await api.get(`${PODS}/http:one:9090/proxy/`)).body.port).toBe(9090);
      expect((await api.get(`${PODS}/one:nothing/proxy/`)).code).toBe(400);
    });

    it('streams what the pod streams', async () => {
      expect((await api.get(`${PODS}/one/proxy/stream`)).text).toBe('data: first\n\ndata: second\n\n');
    });

    it('answers 502 where nothing listens', async () => {
      const { code, body } = await api.get(`${PODS}/one:1/proxy/`);
      expect([code, body.message]).toEqual([
        502,
        'error trying to reach port 1 of pod one: connection refused',
      ]);
    });
  });

  describe('exec', () => {
    it('runs a command and gives output and exit status', async () => {
      expect(await exec('command=echo&command=a%20b&command=c&stdout=true')).toEqual({
        1: 'a b c\n',
        3: { metadata: {}, status: 'Success' },
      });
      expect(await exec('command=fail&stdout=true&stderr=true')).toMatchObject({
        2: 'no luck\n',
        3: { reason: 'NonZeroExitCode' },
      });
    });

    it('is refused without a command, without a known subprotocol, and to one who may not', async () => {
      await expect(exec('stdout=true')).rejects.toThrow('400');
      await expect(exec('command=echo', { protocol: 'v1.nothing' })).rejects.toThrow('400');
      await expect(exec('command=echo', { token: 'wrong' })).rejects.toThrow('401');
      await expect(exec('command=echo', { user: 'nobody' })).rejects.toThrow('403');
    });

    it('without an upgrade is a Status', async () => {
      expect((await api.send('POST', `${PODS}/one/exec?command=echo`)).code).toBe(400);
    });
  });

  interface ExecOptions {
    readonly protocol?: string;
    readonly token?: string;
    readonly user?: string;
  }

  /** Opens a WebSocket as kubectl does; gives what came on each channel. */
  function exec(
    query: string,
    { protocol = 'v5.channel.k8s.io', token = server.adminToken, user }: ExecOptions = {},
  ) {
    const url = `${server.url.replace('https', 'wss')}${PODS}/one/exec?${query}`;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(user !== undefined && { 'impersonate-user': user }),
    };
    const socket = new WebSocket(url, protocol, { ca: server.caCertPem, headers });
    const texts: Record<number, string> = {};
    return new Promise<Record<number, unknown>>((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        texts[data[0]!] = (texts[data[0]!] ?? '') + data.subarray(1).toString('utf8');
      });
      socket.on('close', () =>
        resolve({ ...dropEmpty(texts), ...(texts[3] !== undefined && { 3: JSON.parse(texts[3]) }) }),
      );
      socket.on('unexpected-response', (_request, response) =>
        reject(new Error(String(response.statusCode))),
      );
      socket.on('error', reject);
    });
  }
});

function dropEmpty(texts: Record<number, string>): Record<number, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}
