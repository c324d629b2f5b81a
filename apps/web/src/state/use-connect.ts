'use client';
import { connect } from '@flatland/shared/intent/connect';
import type { Gesture, Intent } from '@flatland/shared/intent/intent';
import { refusalText } from '@flatland/shared/reason/reasons';
import type { ElementRef, Topology } from '@flatland/shared/topology/topology';
import { useCallback, useMemo } from 'react';
import { toast } from 'sonner';
import { CANVAS } from '../graph/gesture/gesture-machine.ts';
import { labelOf, refOf, type ElementKey } from '../graph/model/element-key.ts';
import { useLive } from '../live/live-store.ts';
import { projectTopology } from '../staging/project-topology.ts';
import { stagedChanges } from '../staging/staged-changes.ts';
import { useStagedIntents, useStaging } from '../staging/staging-store.ts';
import { describeIntent } from '../staging/describe-intent.ts';
import { intentKey } from '../staging/staged-edits.ts';
import { useBlocked } from './use-blocked.ts';
import { useUi } from './ui-store.ts';

/** The topology as if what is staged were applied. */
export function useProjected(): Topology {
  const topology = useLive((live) => live.topology);
  const intents = useStagedIntents();
  return useMemo(() => projectTopology(topology, stagedChanges(intents, topology)), [topology, intents]);
}

/** Stages intents as one edit, and says so. */
export function useStage(): (intents: readonly Intent[]) => void {
  const blocked = useBlocked();
  return useCallback(
    (intents) => {
      if (blocked !== undefined) {
        toast.error(blocked);
        return;
      }
      const label = intents.map(describeIntent).join(', ');
      useStaging.getState().stage({ label, intents });
      useUi.getState().announce(`Staged: ${label}. Nothing is applied yet.`);
    },
    [blocked],
  );
}

/**
 * The one way in which every gesture ends: staged, asked about, or refused with the reason. A gesture
 * from one of a group is a gesture from each of them.
 */
export function useConnect(): (source: ElementKey, target: ElementKey) => void {
  const topology = useProjected();
  const stage = useStage();
  return useCallback(
    (source, target) => {
      const gestures = sourcesOf(source).map((key) => [key, gestureOf(key, target, topology)] as const);
      const [only] = gestures;
      if (gestures.length === 1 && only?.[1]) return single(only[0], only[1], stage);
      const intents = gestures.flatMap(([, gesture]) => (gesture?.kind === 'intents' ? gesture.intents : []));
      const refused = gestures.flatMap(([key, gesture]) =>
        gesture?.kind === 'refused' ? [`${labelOf(key)}: ${refusalText(gesture.refusal)}`] : [],
      );
      if (intents.length > 0) {
        stage(dedupe(intents));
        useUi.getState().clearGroup();
      }
      if (refused.length > 0)
        toast.error(`${refused.length} of ${gestures.length} were not staged`, {
          description: refused.join(' '),
        });
      return undefined;
    },
    [topology, stage],
  );
}

/** The group where the source is one of it, else the source alone. */
export function sourcesOf(source: ElementKey): readonly ElementKey[] {
  const { group } = useUi.getState();
  return group.has(source) ? [...group].toSorted() : [source];
}

function gestureOf(source: ElementKey, target: ElementKey, topology: Topology): Gesture | undefined {
  const from = refOf(source);
  const to: ElementRef | undefined = target === CANVAS ? { type: 'canvas', id: '' } : refOf(target);
  return from && to && connect(from, to, topology);
}

function single(source: ElementKey, gesture: Gesture, stage: (intents: readonly Intent[]) => void): void {
  const { ask, announce } = useUi.getState();
  switch (gesture.kind) {
    case 'intents':
      stage(gesture.intents);
      break;
    case 'choose-domain':
      ask(gesture);
      break;
    case 'name-domain':
      ask({ kind: 'new-domain', members: gesture.members, suggestion: gesture.suggestion });
      break;
    case 'refused': {
      const text = refusalText(gesture.refusal);
      announce(`Refused: ${text}`);
      toast.error(`${labelOf(source)} was not staged`, { description: text });
      break;
    }
  }
}

function dedupe(intents: readonly Intent[]): Intent[] {
  return [...new Map(intents.map((intent) => [intentKey(intent), intent])).values()];
}
