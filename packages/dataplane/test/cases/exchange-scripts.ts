/** Programs for pods: a listener, and what sends to it. */

const PORT = 7001;
/** A listener that nobody needs any more ends. */
const LIFETIME_MS = 300_000;

/** Answers each datagram, and each stream of a told length, with the sha256 of its bytes and its source. */
export const LISTENER = `
const { createHash } = require('crypto');
const plain = (address) => address.replace(/^::ffff:/, '');
const answer = (bytes, from) => JSON.stringify([createHash('sha256').update(bytes).digest('hex'), plain(from)]);
const udp = require('dgram').createSocket('udp6');
udp.on('message', (bytes, { address, port }) => udp.send(answer(bytes, address), port, address));
const tcp = require('net').createServer((socket) => {
  const chunks = [];
  let nBytes = 0;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    nBytes += chunk.length;
    chunks.push(chunk);
    const all = nBytes >= 4 && Buffer.concat(chunks);
    if (all && nBytes === 4 + all.readUInt32BE()) socket.end(answer(all.subarray(4), socket.remoteAddress));
  });
});
tcp.listen(${PORT}, '::', () => udp.bind(${PORT}, '::', () => console.log('ready')));
setTimeout(() => process.exit(), ${LIFETIME_MS});
`;

/** Starts the listener and goes on once it listens. */
export const START_LISTENER = `
const child = require('child_process').spawn(process.execPath, ['-e', process.argv[1]], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
child.stdout.once('data', () => process.exit());
`;

/** Sends what a list in JSON says, and prints what came of each. A datagram that is not answered is sent again. */
export const SENDER = `
const { createHash, randomBytes } = require('crypto');
const TIMEOUT_MS = 150000;
const done = (hash, text) => { const [same, from] = JSON.parse(text); return { isSame: same === hash, seenFrom: from }; };
const udp = ({ to, payload }) => new Promise((resolve) => {
  const socket = require('dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
  const send = () => socket.send(payload, ${PORT}, to, () => {});
  const timer = setInterval(send, 500);
  socket.on('message', (bytes) => { clearInterval(timer); socket.close(); resolve(bytes.toString()); });
  send();
});
const tcp = ({ to, payload }) => new Promise((resolve, reject) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  let text = '';
  const socket = require('net').connect(${PORT}, to, () => socket.write(Buffer.concat([length, payload])));
  socket.on('error', reject);
  socket.on('data', (bytes) => (text += bytes));
  socket.on('end', () => { socket.end(); resolve(text); });
});
(async () => {
  const results = [];
  for (const { protocol, to, payloadBytes } of JSON.parse(process.argv[1])) {
    const payload = randomBytes(payloadBytes);
    const hash = createHash('sha256').update(payload).digest('hex');
    const failed = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS, undefined).unref());
    const text = await Promise.race([(protocol === 'UDP' ? udp : tcp)({ to, payload }), failed]);
    results.push(text === undefined ? { isSame: false, seenFrom: '' } : done(hash, text));
  }
  console.log(JSON.stringify(results));
  process.exit();
})();
`;
