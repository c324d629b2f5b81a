import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { controllerOf } from '../kinds/meta.ts';
import type { Node } from '../kinds/node.ts';
import { isTerminal } from '../kinds/pod.ts';
import type { Pod } from '../kinds/pod.ts';
import { isNodeReady, unfitness } from './node-fits.ts';

/**
 * The node for a pod: of those that fit, the one with the fewest pods of the same owner, then with the fewest pods,
 * then the first by name. The error is the text of the pod's PodScheduled condition.
 */
export function chooseNode(pod: Pod, nodes: readonly Node[], pods: readonly Pod[]): Result<string, string> {
  const reasons = new Map<string, number>();
  const fitting: string[] = [];
  for (const node of nodes) {
    const reason = isNodeReady(node) ? unfitness(pod.spec, node) : 'node(s) were not ready';
    if (reason === undefined) fitting.push(node.metadata.name);
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  if (fitting.length === 0) return err(describeUnfitness(nodes.length, reasons));
  const owner = controllerOf(pod)?.uid;
  const bound = pods.filter((other) => !isTerminal(other) && other.metadata.uid !== pod.metadata.uid);
  const score = new Map(
    fitting.map((name) => {
      const here = bound.filter((other) => other.spec.nodeName === name);
      const nSiblings =
        owner === undefined ? 0 : here.filter((other) => controllerOf(other)?.uid === owner).length;
      return [name, { nSiblings, nPods: here.length }];
    }),
  );
  fitting.sort((a, b) => {
    const [one, other] = [score.get(a)!, score.get(b)!];
    return one.nSiblings - other.nSiblings || one.nPods - other.nPods || (a < b ? -1 : 1);
  });
  return ok(fitting[0]!);
}

function describeUnfitness(nNodes: number, reasons: ReadonlyMap<string, number>): string {
  const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nNodes} nodes are available: ${counted.join(', ') || 'no node exists'}.`;
}
