import { parseCidr, type Cidr } from '@flatland/shared/address/cidr';
import type { NewDomain } from '@flatland/shared/intent/intent';
import { zDomainName, type ClusterName } from '@flatland/shared/model/names';
import { refusalText, type Refusal } from '@flatland/shared/reason/reasons';
import { clusterRefusal } from '@flatland/shared/intent/rules';
import { domainClash } from '@flatland/shared/topology/domain-rules';
import type { Topology, WorkloadId } from '@flatland/shared/topology/topology';

/** What a person typed for a new domain. */
export interface NewDomainForm {
  readonly name: string;
  readonly clusters: readonly string[];
  /** Prefixes, separated by blanks or commas; empty leaves the choice to the pool. */
  readonly prefixes: string;
}

/** What is wrong, by field; and the domain where nothing is. */
export interface NewDomainCheck {
  readonly domain?: NewDomain;
  readonly name?: string;
  readonly clusters?: string;
  readonly prefixes?: string;
  /** Worth knowing, and no reason not to go on. */
  readonly note?: string;
}

/** Checks the form against the names, ranges and domains that are there. Clashes name range and cluster. */
export function checkNewDomain(
  form: NewDomainForm,
  members: readonly WorkloadId[],
  topology: Topology,
): NewDomainCheck {
  const name = checkName(form.name, topology);
  const clusters =
    form.clusters.length === 0 ? 'Choose at least one cluster' : outsideCluster(form.clusters, members);
  const parsed = parsePrefixes(form.prefixes);
  const prefixes = typeof parsed === 'string' ? parsed : prefixClash(form, parsed, members, topology);
  if (name !== undefined || clusters !== undefined || prefixes !== undefined || typeof parsed === 'string')
    return {
      ...(name === undefined ? {} : { name }),
      ...(clusters === undefined ? {} : { clusters }),
      ...(prefixes === undefined ? {} : { prefixes }),
    };
  const note = overlapNote(form.name, parsed, topology);
  const names = form.clusters as readonly ClusterName[];
  return {
    domain: {
      name: zDomainName.parse(form.name),
      clusters: names,
      ...(names[0] === undefined ? {} : { home: names[0] }),
      ...(parsed.length === 0 ? {} : { prefixes: parsed }),
    },
    ...(note === undefined ? {} : { note }),
  };
}

function checkName(name: string, topology: Topology): string | undefined {
  const parsed = zDomainName.safeParse(name);
  if (!parsed.success) return `The name ${parsed.error.issues[0]?.message ?? 'is not valid'}`;
  return Object.hasOwn(topology.domains, name) ? `There is a domain ${name} already` : undefined;
}

function outsideCluster(clusters: readonly string[], members: readonly WorkloadId[]): string | undefined {
  const outside = members.find((id) => !clusters.includes(id.split('/')[0] ?? ''));
  if (outside === undefined) return undefined;
  const [cluster, , , name] = outside.split('/');
  return `${name} runs in ${cluster}, so the domain must span it`;
}

function parsePrefixes(text: string): Cidr[] | string {
  const prefixes: Cidr[] = [];
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    const parsed = parseCidr(part);
    if (!parsed.ok) return parsed.error;
    prefixes.push(parsed.value);
  }
  if (prefixes.length > 2) return 'At most one prefix of each family';
  const [a, b] = prefixes;
  if (a !== undefined && b !== undefined && a.includes(':') === b.includes(':'))
    return 'At most one prefix of each family';
  return prefixes;
}

function prefixClash(
  form: NewDomainForm,
  prefixes: readonly Cidr[],
  members: readonly WorkloadId[],
  topology: Topology,
): string | undefined {
  for (const cluster of form.clusters) {
    const refusal = clusterRefusal(topology, cluster, prefixes);
    if (refusal) return textOf(refusal);
  }
  const own = { name: form.name, prefixes };
  for (const member of members)
    for (const entry of topology.workloads[member]?.domains ?? []) {
      const other = topology.domains[entry.domain];
      const refusal =
        other && entry.counts ? domainClash(own, { name: other.id, prefixes: other.prefixes }) : undefined;
      if (refusal) return `${textOf(refusal)} ${member.split('/').at(-1)} is in ${entry.domain}.`;
    }
  return undefined;
}

function overlapNote(name: string, prefixes: readonly Cidr[], topology: Topology): string | undefined {
  for (const other of Object.values(topology.domains)) {
    const clash = domainClash({ name, prefixes }, { name: other.id, prefixes: other.prefixes });
    if (clash) return `${clash.detail}. That works, but no workload can be in both`;
  }
  return undefined;
}

function textOf(refusal: Refusal): string {
  return refusal.detail === '' ? refusalText(refusal) : `${refusal.detail}.`;
}
