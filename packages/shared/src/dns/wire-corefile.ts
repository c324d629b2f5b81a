import type { Refusal } from '../reason/reasons.ts';
import { err, ok, type Result } from '../result.ts';
import { parseIpAddress } from '../address/ip.ts';
import { NODE_DNS, type DnsEndpoint } from './node-dns.ts';
import { parseCorefile, type ServerBlock } from './parse-corefile.ts';
import { isWithin } from './zones.ts';

/** The comments of a line each between which a Corefile has what is ours. */
export const COREFILE_MARKS = { begin: '# flatland: begin', end: '# flatland: end' } as const;
const { begin: BEGIN, end: END } = COREFILE_MARKS;
const DNS_PORT = '53';
const FORWARD = 'forward . ';

/** How a Corefile stands to the domains: their zones are forwarded, or none is, or others than there are now. */
export type WiringState = 'wired' | 'not-wired' | 'outdated';

/**
 * A Corefile that forwards zones to an agent, with the client’s address, and is otherwise as it was: what is ours
 * stands between two comments at its end. The same zones again change nothing; no zones take away what is ours, to the
 * byte. Refused where the Corefile cannot be read safely, serves a zone already, or where what is ours was changed by hand.
 *
 * `zones`: DNS names of domains; throws on what is none. `agent`: where this name server asks its node’s agent.
 */
export function wireCorefile(
  corefile: string,
  zones: readonly string[],
  agent: DnsEndpoint,
): Result<string, Refusal> {
  const read = readCorefile(corefile);
  if (!read.ok) return read;
  const { before, ours, after, others } = read.value;
  const root = others.filter(({ keys }) => keys.some((key) => key === '.' || key === `.:${DNS_PORT}`));
  if (root.length !== 1)
    return err({
      code: 'corefile-unreadable',
      detail: `${root.length} blocks serve the root on port ${DNS_PORT}`,
    });
  if (!isAsMade(ours))
    return err({
      code: 'corefile-changed',
      detail: `what stands between “${BEGIN}” and “${END}” is not as it was made`,
    });
  const wanted = [...new Set(zones.map(plain))].toSorted();
  const odd = wanted.find((zone) => !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(zone));
  if (odd !== undefined) throw new Error(`${JSON.stringify(odd)} is no DNS name`);
  const served = zonesServed(others);
  const taken = wanted.find((zone) => served.has(zone));
  if (taken !== undefined)
    return err({ code: 'zone-served', detail: `the Corefile serves ${taken} already` });
  const block = blockOf(wanted, agent, root[0]!);
  if (ours === '' && block !== '' && before !== '' && !before.endsWith('\n'))
    return err({ code: 'corefile-unreadable', detail: 'its last line does not end' });
  return ok(before + block + after);
}

/** What a Corefile needs to forward zones, for somebody to put in by hand; empty for no zones. */
export function forwardingBlock(zones: readonly string[], agent: DnsEndpoint): string {
  return blockOf(zones.map(plain).toSorted(), agent);
}

/** How a Corefile stands to the domains’ zones; refused as `wireCorefile` is. */
export function corefileState(
  corefile: string,
  zones: readonly string[],
  agent: DnsEndpoint,
): Result<WiringState, Refusal> {
  const wired = wireCorefile(corefile, zones, agent);
  if (!wired.ok) return wired;
  if (wired.value === corefile) return ok(zones.length === 0 ? 'not-wired' : 'wired');
  return ok(corefile.includes(BEGIN) ? 'outdated' : 'not-wired');
}

/**
 * Whether a name server answers for one zone: by our block, of it or of one above it, which leads to `agent`, or by one
 * that somebody put in.
 * Refused where the Corefile cannot be read.
 */
export function answersZone(corefile: string, zone: string, agent: DnsEndpoint): Result<boolean, Refusal> {
  const read = readCorefile(corefile);
  if (!read.ok) return read;
  const { ours, others } = read.value;
  if (zonesServed(others).has(plain(zone))) return ok(true);
  const leadsTo = agentOf(ours.split('\n'));
  const isOurs = leadsTo?.address === agent.address && leadsTo.port === agent.port;
  return ok(isOurs && zonesOf(ours).some((own) => isWithin(plain(zone), own)));
}

interface Parts {
  readonly before: string;
  readonly ours: string;
  readonly after: string;
}

/** A Corefile around what is ours, and the blocks of the others in it. */
function readCorefile(
  corefile: string,
): Result<Parts & { readonly others: readonly ServerBlock[] }, Refusal> {
  const parts = split(corefile);
  if (!parts.ok) return parts;
  const others = parseCorefile(parts.value.before + parts.value.after);
  return others.ok
    ? ok({ ...parts.value, others: others.value })
    : err({ code: 'corefile-unreadable', detail: others.error });
}

/** What is before, between and behind our two comments, each of which is one line. */
function split(corefile: string): Result<Parts, Refusal> {
  const lines = corefile.split(/(?<=\n)/);
  const indexes = (mark: string) => lines.flatMap((line, i) => (line.trim() === mark ? [i] : []));
  const [begins, ends] = [indexes(BEGIN), indexes(END)];
  if (begins.length === 0 && ends.length === 0) return ok({ before: corefile, ours: '', after: '' });
  const [begin, end] = [begins[0] ?? 0, ends[0] ?? 0];
  if (begins.length !== 1 || ends.length !== 1 || end < begin)
    return err({ code: 'corefile-changed', detail: `“${BEGIN}” and “${END}” do not come once each` });
  return ok({
    before: lines.slice(0, begin).join(''),
    ours: lines.slice(begin, end + 1).join(''),
    after: lines.slice(end + 1).join(''),
  });
}

/** Our block with its two comments; nothing for no zones. Answers depend on who asks, so they are not cached. */
function blockOf(zones: readonly string[], agent: DnsEndpoint, root?: ServerBlock): string {
  if (zones.length === 0) return '';
  const bind = (root?.directives ?? []).filter(([name]) => name === 'bind').map((words) => words.join(' '));
  return [
    BEGIN,
    `${zones.map((zone) => `${zone}:${DNS_PORT}`).join(' ')} {`,
    ...[...bind, 'errors', 'rewrite edns0 subnet set 32 128', `${FORWARD}${endpointText(agent)}`].map(
      (line) => `    ${line}`,
    ),
    '}',
    END,
    '',
  ].join('\n');
}

/** True where what is ours is as it was made, for whatever zones and agent, bound to whatever addresses. */
function isAsMade(ours: string): boolean {
  const lines = ours.split('\n').filter((line) => !line.startsWith('    bind '));
  const agent = agentOf(lines);
  return agent !== undefined && lines.join('\n') === blockOf(zonesOf(ours), agent);
}

/** The endpoint that a block forwards to; of one without such a line, for there may be none, any. */
function agentOf(lines: readonly string[]): DnsEndpoint | undefined {
  const line = lines.find((one) => one.trimStart().startsWith(FORWARD));
  if (line === undefined) return NODE_DNS;
  const [, address = '', port = ''] =
    /^\[?([0-9a-f.:]+?)\]?:(\d{1,5})$/.exec(line.trimStart().slice(FORWARD.length)) ?? [];
  const parsed = parseIpAddress(address);
  return parsed.ok ? { address: parsed.value, port: Number(port) } : undefined;
}

function endpointText({ address, port }: DnsEndpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function zonesOf(ours: string): string[] {
  const [, keys = ''] = ours.split('\n');
  return keys
    .split(' ')
    .slice(0, -1)
    .map((key) => key.slice(0, key.lastIndexOf(':')));
}

function zonesServed(blocks: readonly ServerBlock[]): ReadonlySet<string> {
  return new Set(blocks.flatMap(({ keys }) => keys.map(zoneOfKey)));
}

function zoneOfKey(key: string): string {
  const address = key.replace(/^[a-z]+:\/\//i, '');
  return plain(address.replace(/:\d+$/, ''));
}

function plain(zone: string): string {
  return zone.toLowerCase().replace(/(?<=.)\.$/, '');
}
