import { nameServer, type NameServerObjects } from '@flatland/shared/dns/name-server';
import { NODE_DNS } from '@flatland/shared/dns/node-dns';
import { answersZone } from '@flatland/shared/dns/wire-corefile';
import { bad, good, type WantedCondition } from '../status/conditions.ts';

const TYPE = 'NamesWired';

/** Whether the cluster's name server answers for a domain's zone; nothing where there is none that could be told to. */
export function namesCondition(zone: string, objects: NameServerObjects): readonly WantedCondition[] {
  const server = nameServer(objects);
  if (!server.ok) {
    const { code, detail } = server.error;
    return code === 'no-name-server' ? [] : [bad(TYPE, code, detail)];
  }
  const { name, corefile, agent = NODE_DNS } = server.value;
  const answers = answersZone(corefile, zone, agent);
  if (!answers.ok)
    return [{ type: TYPE, status: 'Unknown', reason: answers.error.code, message: answers.error.detail }];
  return [
    answers.value
      ? good(TYPE, `${name} forwards ${zone}`)
      : bad(TYPE, 'dns-not-wired', `${name} does not forward ${zone}`),
  ];
}
