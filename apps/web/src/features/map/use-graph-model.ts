'use client';
import { useMemo } from 'react';
import { useHues } from '../../components/domain/domain-chip.tsx';
import { buildGraph } from '../../graph/model/build-graph.ts';
import type { GraphOptions } from '../../graph/model/graph-input.ts';
import type { GraphModel } from '../../graph/model/graph-model.ts';
import { workloadFlows } from '../../live/flow-rates.ts';
import { useLive } from '../../live/live-store.ts';
import {
  useFilterDomains,
  useFilterText,
  useFocusMode,
  useGrouping,
  useLens,
  useOnlyTrouble,
  useShowSystem,
} from '../../lib/url-state.ts';
import { stagedChanges } from '../../staging/staged-changes.ts';
import { useStagedIntents } from '../../staging/staging-store.ts';
import { useNow } from '../../state/use-now.ts';
import { useUi } from '../../state/ui-store.ts';

/** What a person chose to see, from the URL. */
export function useGraphOptions(): GraphOptions {
  const [lens] = useLens();
  const [text] = useFilterText();
  const [domains] = useFilterDomains();
  const [focus] = useFocusMode();
  const [onlyTrouble] = useOnlyTrouble();
  const [showSystem] = useShowSystem();
  const [groupNamespaces] = useGrouping();
  const folded = useUi((ui) => ui.folded);
  return useMemo(
    () => ({
      lens,
      filter: { text, domains, focus: focus ?? undefined, onlyTrouble, showSystem },
      groupNamespaces,
      folded,
    }),
    [lens, text, domains, focus, onlyTrouble, showSystem, groupNamespaces, folded],
  );
}

/** What the map draws now. */
export function useGraphModel(options: GraphOptions): GraphModel {
  const topology = useLive((live) => live.topology);
  const probes = useLive((live) => live.probes);
  const drifted = useLive((live) => live.drifted);
  const intents = useStagedIntents();
  const hues = useHues();
  const now = useNow();
  const traffic = options.lens === 'traffic';
  const infrastructure = options.lens === 'infrastructure';
  // Reports come every few seconds: only the lenses that draw them listen to them.
  const reports = useLive((live) => (traffic || infrastructure ? live.reports : NONE));
  const earlier = useLive((live) => (traffic ? live.earlierReports : NONE));
  const flows = useMemo(
    () => (traffic ? workloadFlows(topology, reports, earlier) : []),
    [traffic, topology, reports, earlier],
  );
  const nowMs = traffic ? now : 0;
  return useMemo(
    () =>
      buildGraph({
        topology,
        staged: stagedChanges(intents, topology),
        probes: Object.values(probes),
        reports: Object.values(reports),
        flows,
        drifted,
        hues,
        nowMs,
        options,
      }),
    [topology, intents, probes, reports, flows, drifted, hues, nowMs, options],
  );
}

const NONE = {};
