import { request } from 'node:http';
import { relative } from 'node:path';
import { controlSocket } from '../data-directory.ts';

/** Longest path of a unix socket, with the byte that ends it. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Asks a running lab over its control socket. Rejects where none runs, and with its text where it refuses. */
export function askControl(root: string, method: 'GET' | 'POST', path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: shortest(controlSocket(root)), method, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString()) as { error?: string };
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(answer.error ?? `the lab answered ${response.statusCode}`));
      });
    });
    call.on('error', reject);
    call.end();
  });
}

function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES && fromHere.length < path.length ? fromHere : path;
}
