import { connect } from '@flatland/shared/intent/connect';
import type { Intent } from '@flatland/shared/intent/intent';
import type { DomainName } from '@flatland/shared/model/names';
import { arbitraryWorld } from '@flatland/shared/testing/arbitrary-world';
import type { ElementRef, Topology } from '@flatland/shared/topology/topology';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../graph/model/build-graph.ts';
import { SAMPLE, inputOf, sampleTopology, topologyOf } from '../testing/sample.ts';
import { describeIntent, titleOf } from './describe-intent.ts';
import { projectTopology } from './project-topology.ts';
import { stagedChanges } from './staged-changes.ts';
import {
  NOTHING_STAGED,
  editsOf,
  intentsKey,
  netIntents,
  redo,
  stage,
  undo,
  unstage,
} from './staged-edits.ts';

const red = 'red' as DomainName;
const green = 'green' as DomainName;
const join = (workload: string, domain: DomainName): Intent => ({ kind: 'join', workload, domain });
const leave = (workload: string, domain: DomainName): Intent => ({ kind: 'leave', workload, domain });
const edit = (...intents: Intent[]) => ({ label: intents.map(describeIntent).join(), intents });

describe('staged edits', () => {
  it('are undone and redone as they were staged', () => {
    const one = stage(NOTHING_STAGED, edit(join(SAMPLE.reporting, green)));
    const two = stage(one, edit(leave(SAMPLE.cart, red)));
    expect(undo(two)).toMatchObject({ past: one.past });
    expect(redo(undo(two))).toEqual(two);
    expect(undo(NOTHING_STAGED)).toEqual(NOTHING_STAGED);
    expect(redo(two)).toEqual(two);
  });

  it('forget what could be redone when something else is staged', () => {
    const edits = stage(undo(stage(NOTHING_STAGED, edit(join('a', red)))), edit(join('b', red)));
    expect(edits.future).toEqual([]);
    expect(netIntents(edits)).toEqual([join('b', red)]);
  });

  it('cancel an intent with its opposite, and say a thing once', () => {
    const edits = [
      edit(join('a', red)),
      edit(join('b', red)),
      edit(leave('a', red)),
      edit(join('b', red)),
    ].reduce(stage, NOTHING_STAGED);
    expect(netIntents(edits)).toEqual([join('b', red)]);
  });

  it('let one intent be taken back, and keep the others of its edit', () => {
    const edits = stage(NOTHING_STAGED, edit(join('a', red), join('b', red)));
    expect(netIntents(unstage(edits, join('a', red)))).toEqual([join('b', red)]);
  });

  it('come back from a draft with the same meaning', () => {
    const intents = [join('a', red), leave('b', green)];
    expect(netIntents(editsOf(intents, describeIntent))).toEqual(intents);
  });

  it('have a title of one line that names the first and counts the others', () => {
    expect(titleOf([join(SAMPLE.reporting, green), leave(SAMPLE.cart, red)])).toBe(
      'reporting joins green and 1 more',
    );
  });
});

describe('connect, undo and redo on any graph', () => {
  it('give back the identical state, on the map too', () => {
    fc.assert(
      fc.property(
        arbitraryWorld,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 }),
        (world, picks) => {
          const topology = topologyOf(world);
          const states = [NOTHING_STAGED];
          for (const pick of picks) {
            const edits = states.at(-1)!;
            const intents = gesture(topology, netIntents(edits), pick);
            if (intents.length > 0) states.push(stage(edits, edit(...intents)));
          }
          const last = states.at(-1)!;
          let edits = last;
          for (const before of states.slice(0, -1).toReversed()) {
            edits = undo(edits);
            expect(edits.past).toEqual(before.past);
            expect(picture(topology, netIntents(edits))).toEqual(picture(topology, netIntents(before)));
          }
          for (let i = 1; i < states.length; i++) edits = redo(edits);
          expect(edits).toEqual(last);
          expect(picture(topology, netIntents(edits))).toEqual(picture(topology, netIntents(last)));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the topology as if what is staged were applied', () => {
  const topology = sampleTopology();

  it('refuses to join twice', () => {
    const projected = projectTopology(topology, stagedChanges([join(SAMPLE.reporting, green)], topology));
    expect(connect(workload(SAMPLE.reporting), domain('green'), projected)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'already-member' },
    });
  });

  it('lets a workload come back that is staged to leave', () => {
    const projected = projectTopology(topology, stagedChanges([leave(SAMPLE.cart, red)], topology));
    expect(connect(workload(SAMPLE.cart), domain('red'), projected)).toMatchObject({ kind: 'intents' });
  });

  it('makes a staged domain a target', () => {
    const made: Intent = {
      kind: 'create-domain',
      domain: { name: 'blue' as DomainName, clusters: [topology.clusters['aws-east']!.id] },
      members: [],
    };
    const projected = projectTopology(topology, stagedChanges([made], topology));
    expect(connect(workload(SAMPLE.cart), domain('blue'), projected)).toMatchObject({ kind: 'intents' });
    expect(topology.domains['blue']).toBeUndefined();
  });
});

/** The intents of a gesture between two elements, chosen by number. */
function gesture(
  topology: Topology,
  staged: readonly Intent[],
  [from, to]: [number, number],
): readonly Intent[] {
  const projected = projectTopology(topology, stagedChanges(staged, topology));
  const refs: ElementRef[] = [
    ...Object.values(projected.workloads).map((view) => workload(view.id)),
    ...Object.keys(projected.domains).map(domain),
    ...Object.values(projected.workloads).flatMap((view) =>
      view.domains.map((entry): ElementRef => ({ type: 'membership', id: `${view.id}|${entry.domain}` })),
    ),
    { type: 'canvas', id: '' },
  ];
  if (refs.length === 0) return [];
  const result = connect(refs[from % refs.length]!, refs[to % refs.length]!, projected);
  switch (result.kind) {
    case 'intents':
      return result.intents;
    case 'name-domain':
      return [{ kind: 'create-domain', domain: result.suggestion, members: result.members }];
    case 'choose-domain':
      return result.options.find((option) => option.refusal === undefined)?.intents ?? [];
    case 'refused':
      return [];
  }
}

function picture(topology: Topology, intents: readonly Intent[]) {
  const model = buildGraph(inputOf(topology, { intents }));
  return { key: intentsKey(intents), nodes: [...model.nodes.values()], edges: [...model.edges.values()] };
}

function workload(id: string): ElementRef {
  return { type: 'workload', id };
}

function domain(id: string): ElementRef {
  return { type: 'domain', id };
}
