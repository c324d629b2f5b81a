/** A known pattern, sent and given back over TCP and UDP. */
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../../support/sandbox.ts';

const PORT = 7100;
/** As much as `ping` repeats in its payload. */
const UNIT_BYTES = 16;
const PATTERN_BYTES = 64;

const SERVER = `
const server = require('net').createServer((socket) => socket.on('error', () => {}).pipe(socket));
const socket = require('dgram').createSocket('udp6');
socket.on('message', (bytes, { port, address }) => socket.send(bytes, port, address));
server.listen(${PORT}, '::', () => socket.bind(${PORT}, '::', () => console.log('ready')));
`;

const CLIENT = `
const [, to, hex] = process.argv;
const pattern = Buffer.from(hex, 'hex');
const tcp = new Promise((resolve, reject) => {
  const socket = require('net').connect(${PORT}, to, () => socket.write(pattern));
  const chunks = [];
  socket.on('error', reject);
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    if (Buffer.concat(chunks).length >= pattern.length) resolve(socket.end() && Buffer.concat(chunks).equals(pattern));
  });
});
const udp = new Promise((resolve) => {
  const socket = require('dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
  const send = () => socket.send(pattern, ${PORT}, to);
  const timer = setInterval(send, 500);
  socket.on('message', (bytes) => { clearInterval(timer); socket.close(); resolve(bytes.equals(pattern)); });
  send();
});
Promise.all([tcp, udp]).then((same) => console.log(JSON.stringify(same)));
`;

/** 64 bytes that occur nowhere else. */
export function newPattern(): Buffer {
  const unit = randomBytes(UNIT_BYTES);
  return Buffer.concat(Array.from({ length: PATTERN_BYTES / UNIT_BYTES }, () => unit));
}

/** Gives back what comes to a namespace, until the sandbox ends. */
export async function startPatternServer(sandbox: Sandbox, netns: string): Promise<void> {
  const server = sandbox.start([process.execPath, '-e', SERVER], { netns });
  await once(server.stdout!, 'data');
}

/** Sends a pattern over TCP, UDP and ICMP; an error where one of them does not come back as it was. */
export async function exchangePattern(
  sandbox: Sandbox,
  { netns, to, pattern }: { readonly netns: string; readonly to: string; readonly pattern: Buffer },
): Promise<void> {
  const answered = await sandbox.must([process.execPath, '-e', CLIENT, to, pattern.toString('hex')], {
    netns,
  });
  if (answered !== '[true,true]\n') throw new Error(`the pattern came back changed: ${answered}`);
  const unit = pattern.subarray(0, UNIT_BYTES).toString('hex');
  await sandbox.must(['ping', '-c', '3', '-i', '0.02', '-W', '20', '-s', '128', '-p', unit, to], { netns });
}
