import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { TcpStream } from '@flatland/dataplane/core/route/tcp-sockets';
import { ANY_ADDRESS } from '@flatland/dataplane/core/route/udp-sockets';
import { httpAnswer } from '../programs/http-answer.ts';
import { workloadPorts } from '../programs/workload-ports.ts';
import { callInMemory } from './call-in-memory.ts';
import type { MemoryProgram } from './memory-program.ts';

const ECHO_PORT = 7;
const PERIOD_MS = 10_000;

/** A workload of the sample, or a stand-in of a mesh's control plane, on an in-memory host. */
export const workloadProgram: MemoryProgram = async ({ node, container, pod, say }) => {
  const { environment, podUid } = container;
  const host = node.pod(podUid);
  if (host === undefined) throw new Error('the pod has no sandbox');
  const ports = workloadPorts(environment['STAND_IN_FOR']);
  const addresses = () => node.interfaces(podUid).flatMap((one) => one.addresses);
  for (const port of ports) {
    host.listenTcp(ANY_ADDRESS, port, (stream) => serve(stream, () => addresses(), environment));
  }
  host.listenTcp(ANY_ADDRESS, ECHO_PORT, (stream) => stream.onData((bytes) => stream.write(bytes)));
  host.listenUdp(ANY_ADDRESS, ECHO_PORT, ({ bytes }) => bytes);

  const names = (environment['NEIGHBOURS'] ?? '').split(',').filter((name) => name !== '');
  const last = new Map<string, string>();
  const timers = names.map((name, index) => {
    const call = async () => {
      const outcome = await callInMemory(pod, name);
      if (outcome !== last.get(name)) say(`${name} ${outcome}`);
      last.set(name, outcome);
    };
    let timer = setTimeout(
      () => {
        void call();
        timer = setInterval(() => void call(), PERIOD_MS);
      },
      1000 + (PERIOD_MS * index) / names.length,
    );
    return () => clearTimeout(timer);
  });
  return {
    connect: (port) => (ports.includes(port) ? answerOverStream(() => addresses(), environment) : undefined),
    async stop() {
      for (const cancel of timers) cancel();
      for (const port of [...ports, ECHO_PORT]) host.closeTcp(ANY_ADDRESS, port);
      host.closeUdp(ANY_ADDRESS, ECHO_PORT);
    },
  };
};

function serve(
  stream: TcpStream,
  addresses: () => readonly string[],
  environment: Readonly<Record<string, string>>,
): void {
  let head = '';
  stream.onData((bytes) => {
    head += Buffer.from(bytes).toString('latin1');
    const answer = httpAnswer(head, { environment, addresses: addresses(), caller: stream.address });
    if (answer === undefined) return;
    stream.write(Buffer.from(answer));
    stream.end();
  });
}

/** The same for a caller of the cluster, such as a probe or the API server's proxy. */
function answerOverStream(
  addresses: () => readonly string[],
  environment: Readonly<Record<string, string>>,
): Duplex {
  const [near, far] = duplexPair();
  let head = '';
  far.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1');
    const answer = httpAnswer(head, { environment, addresses: addresses(), caller: '127.0.0.1' });
    if (answer !== undefined) far.end(answer);
  });
  far.on('error', () => {});
  return near;
}
