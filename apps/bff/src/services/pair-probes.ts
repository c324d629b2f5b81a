import type { EndRef, Pair } from '@flatland/shared/reachability/verdict';
import type { PairProbe } from '@flatland/shared/report/console-event';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { WorkloadId } from '@flatland/shared/topology/topology';
import { ConsoleFailure } from '../api/console-error.ts';
import type { Console, Explanation, Matrix } from '../api/console.ts';
import type { ProbeOrder } from '../prove/prober.ts';
import type { ProbeStore } from '../state/probe-store.ts';
import type { World } from '../state/world.ts';

/** Workloads of one matrix; beyond that nobody can read it. */
const MAX_MATRIX = 60;
/** Pairs of one order to probe all. */
const MAX_PAIRS = 2500;
const MAX_PARALLEL = 16;

export interface PairProbesDeps {
  readonly world: () => World;
  readonly probe: (order: ProbeOrder) => Promise<PairProbe>;
  readonly probes: ProbeStore;
}

/** Verdicts beside what packets did. */
export class PairProbes implements ProbesOfConsole {
  readonly #deps: PairProbesDeps;

  constructor(deps: PairProbesDeps) {
    this.#deps = deps;
  }

  explain(question: Parameters<Console['explain']>[0]): Explanation {
    const verdict = this.#deps.world().reachability.verdict(question.from, question.to, question.traffic);
    const probe = this.#deps.probes.get(question.from.workload, question.to.workload);
    if (probe === undefined) return { verdict, agreement: 'not-probed' };
    if (probe.verdict.answer !== verdict.answer) return { verdict, probe, agreement: 'stale' };
    return { verdict, probe, agreement: probe.agrees ? 'agrees' : 'disagrees' };
  }

  async run(pair: { from: EndRef; to: EndRef }): Promise<PairProbe> {
    const { workloads } = this.#deps.world().topology;
    for (const { workload } of [pair.from, pair.to]) {
      if (!Object.hasOwn(workloads, workload)) {
        throw new ConsoleFailure('workload-not-found', `There is no workload ${workload}`);
      }
    }
    return this.#probe(pair);
  }

  async runAll(domain: string | undefined): Promise<readonly PairProbe[]> {
    const workloads = this.#workloads(domain);
    const pairs = pairsOf(workloads);
    if (pairs.length > MAX_PAIRS) {
      throw new ConsoleFailure(
        'too-large',
        `${pairs.length} pairs are too many at once; name a domain, or a pair`,
      );
    }
    const queue = [...pairs];
    const done: PairProbe[] = [];
    const work = async () => {
      for (let pair = queue.shift(); pair !== undefined; pair = queue.shift()) {
        done.push(await this.#probe({ from: { workload: pair.from }, to: { workload: pair.to } }));
      }
    };
    await Promise.all(Array.from({ length: MAX_PARALLEL }, work));
    return done.toSorted((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1));
  }

  matrix(domain: string | undefined): Matrix {
    const { reachability } = this.#deps.world();
    const all = this.#workloads(domain);
    const workloads = all.slice(0, MAX_MATRIX);
    const cells = pairsOf(workloads).map(({ from, to }) => {
      const { answer, reason } = reachability.verdict({ workload: from }, { workload: to });
      const probe = this.#deps.probes.get(from, to);
      return { from, to, verdict: { answer, reason }, ...(probe === undefined ? {} : { probe }) };
    });
    return { workloads, cells, nOmitted: all.length - workloads.length };
  }

  async #probe(order: ProbeOrder): Promise<PairProbe> {
    const probe = await this.#deps.probe(order);
    this.#deps.probes.put(probe);
    return probe;
  }

  /** Members of the domain, or every workload that could be one; sorted. */
  #workloads(domain: string | undefined): WorkloadId[] {
    const { topology, reachability } = this.#deps.world();
    if (domain !== undefined) {
      const [, members] = [...reachability.index.membersOf].find(([name]) => name === domain) ?? [];
      return [...(members ?? [])].toSorted();
    }
    return Object.values(topology.workloads)
      .filter(({ hostNetwork, namespace }) => !hostNetwork && !SYSTEM_NAMESPACES.has(namespace))
      .map(({ id }) => id)
      .toSorted();
  }
}

type ProbesOfConsole = Console['probes'];

const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([SYSTEM_NAMESPACE, 'kube-system']);

function pairsOf(workloads: readonly WorkloadId[]): Pair[] {
  return workloads.flatMap((from) => workloads.filter((to) => to !== from).map((to) => ({ from, to })));
}
