/**
 * Somebody who proves where he is: `node proved-sender.ts PUBLIC-KEY ADDRESS PORT COUNT PAUSE-MS`. Sends initiations until
 * the device answers with a cookie and prints `cookie`; at a line on stdin sends so many with the cookie, and prints `done`.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CookieGenerator } from '../../src/core/noise/cookie-generator.ts';
import { parseMessageCookieReply } from '../../src/core/noise/messages.ts';
import { nodeWireguardCrypto as crypto } from '../../src/io/node/wireguard-crypto.ts';
import { strangerInitiation } from './stranger.ts';

const [publicKey = '', address = '', port = '0', count = '0', pauseMs = '0'] = process.argv.slice(2);
const toBytes = Uint8Array.fromBase64(publicKey);
const cookies = new CookieGenerator(crypto, toBytes);
const datagram = strangerInitiation(toBytes, Date.now());
const socket = createSocket('udp4');
let hasCookie = false;
socket.on('message', (bytes) => {
  const reply = parseMessageCookieReply(bytes);
  if (reply !== undefined && cookies.acceptReply(reply, Date.now())) hasCookie = true;
});
socket.connect(Number(port), address);
await once(socket, 'connect');
const send = () => {
  cookies.writeMacs(datagram, Date.now());
  socket.send(datagram);
};
while (!hasCookie) {
  send();
  await sleep(1);
}
process.stdout.write('cookie\n');
await once(process.stdin, 'data');
for (let n = 0; n < Number(count); n++) {
  send();
  await sleep(Number(pauseMs));
}
process.stdout.write('done\n');
process.exit(0);
