import { Resolver } from 'node:dns/promises';
import { request } from 'node:http';

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

function get(host: string): Promise<string> {
  return new Promise((resolve) => {
    const call = request({ host, port: 8080, timeout: TIMEOUT_MS, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(`answers with ${response.statusCode}`));
    });
    call.on('timeout', () => call.destroy(new Error('does not answer')));
    call.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    call.end();
  });
}
