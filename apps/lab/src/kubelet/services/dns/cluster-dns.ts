import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { Domain } from '@flatland/kube/client/resources';
import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet';
import type { DecodedPacket, Packet } from 'dns-packet';
import type { Logger } from 'pino';
import { DNS_SERVICE_ADDRESS } from '../../../clusters/cluster-definition.ts';
import { Collection } from '../../../workloads/collection.ts';
import type { KubeObject } from '../../../workloads/kinds/meta.ts';
import type { Services, ServiceState } from '../service-state.ts';
import { answerFromCluster } from './cluster-zone.ts';
import { forwardQuery } from './forward-query.ts';

const TTL_SECONDS = 5;

/**
 * The cluster's name server, one on each node as NodeLocal DNSCache has it: Services' names from the API, domains'
 * names from the agent, nothing else.
 */
export async function startClusterDns(deps: {
  client: KubeClient;
  services: ServiceState;
  log: Logger;
}): Promise<Socket> {
  const domains = new Collection<KubeObject & { spec?: { dnsName?: string } }>(deps.client, Domain, {
    onChange: () => {},
  });
  const isDomainName = (name: string) =>
    domains.list().some(({ spec }) => spec?.dnsName !== undefined && isWithin(name, spec.dnsName));

  const socket = createSocket('udp4');
  const answer = async (message: Buffer, from: RemoteInfo) => {
    const query = decode(message);
    const question = query.questions?.[0];
    if (question === undefined) return;
    const reply = isDomainName(question.name)
      ? await forwardQuery(message, from.address)
      : encode(answerLocally(query, question, deps.services.read()));
    socket.send(reply, from.port, from.address);
  };
  socket.on('message', (message, from) => {
    // A packet that is no query, and a name server that does not answer, end in silence.
    answer(message, from).catch((error: unknown) => deps.log.debug({ err: error }, 'query not answered'));
  });
  socket.on('error', (error) => deps.log.warn({ err: error }, 'cluster DNS'));
  await new Promise<void>((resolve) => socket.bind(53, DNS_SERVICE_ADDRESS, resolve));
  return socket;
}

type Question = NonNullable<DecodedPacket['questions']>[number];

function answerLocally(query: DecodedPacket, question: Question, state: Services): Packet {
  const { exists, addresses } = answerFromCluster(question.name, state);
  const isAddress = question.type === 'A';
  return {
    type: 'response',
    id: query.id ?? 0,
    flags:
      AUTHORITATIVE_ANSWER |
      RECURSION_AVAILABLE |
      ((query.flags ?? 0) & RECURSION_DESIRED) |
      (exists ? 0 : NXDOMAIN),
    questions: [question],
    answers: isAddress
      ? addresses.map((data) => ({ type: 'A' as const, name: question.name, ttl: TTL_SECONDS, data }))
      : [],
  };
}

const NXDOMAIN = 3;

function isWithin(name: string, zone: string): boolean {
  const [one, other] = [name, zone].map((text) => text.toLowerCase().replace(/\.$/, ''));
  return one === other || one!.endsWith(`.${other}`);
}
