/**
 * Runs inside a pod: sends, or receives, so many bytes of a stream that cannot be compressed over one TCP connection.
 *
 *     node transfer.ts receive PORT BYTES
 *     node transfer.ts send ADDRESS PORT BYTES
 *
 * Prints JSON lines: `{ bytes }` as they pass, and at the end `{ bytes, sha256 }` of what was written or read.
 */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const CHUNK_BYTES = 1 << 20;
const TELL_EVERY_BYTES = 16 << 20;

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'receive') await receive(Number(rest[0]), Number(rest[1]));
else if (mode === 'send') await send(String(rest[0]), Number(rest[1]), Number(rest[2]));
else throw new Error(`transfer: ${mode}?`);

async function receive(port: number, wantedBytes: number): Promise<void> {
  const server = createServer().listen(port);
  await once(server, 'listening');
  tell({ bytes: 0 });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const count = counter();
  for await (const chunk of socket) count.add(chunk as Buffer);
  if (count.bytes() !== wantedBytes) process.exitCode = 1;
  count.end();
  server.close();
}

async function send(address: string, port: number, bytes: number): Promise<void> {
  const socket = connect({ host: address, port });
  await once(socket, 'connect');
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  const count = counter();
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    const chunk = stream.update(zeros.subarray(0, Math.min(left, CHUNK_BYTES)));
    count.add(chunk);
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
  count.end();
}

function counter() {
  const hash = createHash('sha256');
  let bytes = 0;
  let told = 0;
  return {
    bytes: () => bytes,
    add(chunk: Buffer) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes - told < TELL_EVERY_BYTES) return;
      told = bytes;
      tell({ bytes });
    },
    end: () => tell({ bytes, sha256: hash.digest('hex') }),
  };
}

function tell(line: { readonly bytes: number; readonly sha256?: string }): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
