import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeletPort } from '../../src/server/kubelet-port.ts';
import { inProcessKubelets } from './in-process-kubelet.ts';

export const NODE = 'node-1';

/** Kubelets of one node whose pods log three lines, echo, and answer HTTP. */
export function sampleKubelets(): KubeletPort {
  return inProcessKubelets({
    nodes: [NODE],
    log: async function* ({ pod, container }, query) {
      const lines = [1, 2, 3].map((line) => `${pod}/${container} line ${line}\n`);
      yield* lines.slice(-Number(query.get('tailLines') ?? 3));
      if (query.get('follow') !== 'true') return;
      await delay(50);
      yield 'followed\n';
    },
    program: async ([name, ...words], stdin, write) => {
      if (name === 'echo') write('stdout', `${words.join(' ')}\n`);
      else if (name === 'cat')
        for await (const chunk of stdin) write('stdout', chunk.toString('utf8').toUpperCase());
      else if (name === 'fail') {
        write('stderr', 'no luck\n');
        return 3;
      } else return 127;
      return 0;
    },
    podHandler: (request: IncomingMessage, response: ServerResponse, { port }) => {
      if (request.url === '/stream') {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write('data: first\n\n');
        void delay(50).then(() => response.end('data: second\n\n'));
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const { authorization } = request.headers;
        response.writeHead(request.method === 'POST' ? 201 : 200, {
          'Content-Type': 'application/json',
          'X-From': 'pod',
        });
        response.end(
          JSON.stringify({
            port,
            method: request.method,
            url: request.url,
            body,
            authorization: authorization ?? null,
          }),
        );
      });
    },
  });
}
