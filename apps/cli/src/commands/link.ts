import type { Intent } from '@flatland/shared/intent/intent';
import type { ClusterName } from '@flatland/shared/model/names';
import { REASONS, type ReasonCode } from '@flatland/shared/reason/reasons';
import type { LinkView, Topology } from '@flatland/shared/topology/topology';
import { CommandError, EXIT } from '../io/command-error.ts';
import { columns, print, type CommandIo } from '../io/command-io.ts';
import { applyChange, type ChangeOptions } from './apply-change.ts';
import { readTopology } from './join-leave.ts';

export interface LinkOptions extends ChangeOptions {
  /** Only this one of the two dials the other. */
  readonly from?: string;
  /** The hub that both dial. */
  readonly through?: string;
  /** New tokens for links that exist. */
  readonly renew?: boolean;
}

/** `flatland link A B`: lets two clusters know each other's nodes, or gives their links new tokens. */
export async function link(
  io: CommandIo,
  options: LinkOptions,
  [a, b]: readonly [string, string],
): Promise<void> {
  const topology = await readTopology(io);
  for (const name of [a, b, options.from, options.through])
    if (name !== undefined && topology.clusters[name] === undefined)
      throw new CommandError(`no cluster is called ${name}`, {
        next: `There are: ${Object.keys(topology.clusters).join(', ')}`,
        exitCode: EXIT.usage,
      });
  const pair = [a as ClusterName, b as ClusterName] as const;
  if (options.renew === true) {
    const intents = renewals(topology, pair);
    await applyChange(io, options, { title: `Make new tokens for ${a} and ${b}`, intents });
    return;
  }
  const intent: Intent = {
    kind: 'link',
    clusters: pair,
    ...(options.from !== undefined && { dialler: options.from as ClusterName }),
    ...(options.through !== undefined && { through: options.through as ClusterName }),
  };
  await applyChange(io, options, { title: `Link ${a} and ${b}`, intents: [intent] });
}

/** `flatland links`: which cluster is linked to which, how well, and until when its token lasts. */
export async function links(io: CommandIo, options: { readonly json?: boolean }): Promise<void> {
  const topology = await readTopology(io);
  const all = Object.values(topology.clusters).flatMap((cluster) =>
    cluster.links.map((view) => ({ holder: cluster.id, ...view })),
  );
  print(io, options, all, () =>
    all.length === 0
      ? 'no cluster is linked to another; link two with: flatland link A B'
      : columns([
          ['CLUSTER', 'TO', 'WAY', 'STATE', 'TOKEN UNTIL', 'NEXT'],
          ...all.map((view) => [
            view.holder,
            view.cluster,
            view.hub ? `${view.mode}, hub` : view.mode,
            stateOf(view),
            view.tokenExpiresAt ?? '-',
            nextOf(view),
          ]),
        ]),
  );
}

function renewals(topology: Topology, [a, b]: readonly [ClusterName, ClusterName]): Intent[] {
  const found = [
    [a, b],
    [b, a],
  ].flatMap(([holder, other]) =>
    (topology.clusters[holder!]?.links ?? [])
      .filter((view) => view.cluster === other)
      .map((view): Intent => ({ kind: 'renew-link', cluster: holder as ClusterName, link: view.name })),
  );
  if (found.length === 0)
    throw new CommandError(`${a} and ${b} are not linked`, {
      next: `Link them with: flatland link ${a} ${b}`,
    });
  return found;
}

function faultOf(view: LinkView) {
  const order = ['Ready', 'Renewed', 'Complete', 'Current'];
  return view.conditions
    .filter((condition) => condition.status !== 'True')
    .toSorted((one, other) => order.indexOf(one.type) - order.indexOf(other.type))[0];
}

function stateOf(view: LinkView): string {
  if (view.conditions.length === 0) return 'not reported';
  const fault = faultOf(view);
  return fault === undefined ? 'ready' : fault.reason;
}

function nextOf(view: LinkView): string {
  const reason = faultOf(view)?.reason;
  return reason !== undefined && Object.hasOwn(REASONS, reason) ? REASONS[reason as ReasonCode].next : '-';
}
