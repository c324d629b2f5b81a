'use client';
import { connect } from '@flatland/shared/intent/connect';
import type { Intent } from '@flatland/shared/intent/intent';
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

/** The one way in which every gesture ends: staged, asked about, or refused with the reason. */
export function useConnect(): (source: ElementKey, target: ElementKey) => void {
  const topology = useProjected();
  const stage = useStage();
  const ask = useUi((ui) => ui.ask);
  return useCallback(
    (source, target) => {
      const from = refOf(source);
      const to: ElementRef | undefined = target === CANVAS ? { type: 'canvas', id: '' } : refOf(target);
      if (from === undefined || to === undefined) return;
      const gesture = connect(from, to, topology);
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
          useUi.getState().announce(`Refused: ${text}`);
          toast.error(`${labelOf(source)} was not staged`, { description: text });
          break;
        }
      }
    },
    [topology, stage, ask],
  );
}
