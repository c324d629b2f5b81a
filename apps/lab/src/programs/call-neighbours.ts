import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';

const PERIOD_MS = 10_000;
const TIMEOUT_MS = 2000;

/** Calls one neighbour after the other, each about every ten seconds, and logs when one begins or ceases to answer. */
export function callNeighbours(names: readonly string[]): void {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  const answers = new Map<string, string>();
  names.forEach((name, index) => {
    const call = async () => {
      const outcome = await reach(resolver, name);
      if (outcome !== answers.get(name)) process.stdout.write(`${name} ${outcome}\n`);
      answers.set(name, outcome);
      setTimeout(() => void call(), PERIOD_MS * (0.5 + Math.random())).unref();
    };
    setTimeout(() => void call(), 1000 + (PERIOD_MS * index) / names.length).unref();
  });
}

async function reach(resolver: Resolver, name: string): Promise<string> {
  try {
    const addresses = await resolver.resolve4(name);
    const address = addresses[Math.floor(Math.random() * addresses.length)];
    return address === undefined ? 'has no address' : await get(address);
  } catch (error) {
    return `is not resolved: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  }
}

/** What an HTTP GET of a neighbour gives: its status, or why there was none. */
function get(host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 8080, timeout: TIMEOUT_MS });
    let answer = '';
    socket.on('connect', () =>
      socket.write(`GET / HTTP/1.1\r\nhost: ${host}:8080\r\nconnection: close\r\n\r\n`),
    );
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('timeout', () => socket.destroy(new Error('does not answer')));
    socket.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    socket.on('close', () => resolve(`answers with ${/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'nothing'}`));
  });
}
