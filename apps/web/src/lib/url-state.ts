'use client';
import { parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { LENSES } from '../graph/model/graph-model.ts';

/** Which of map and table are shown; unset lets the number of nodes decide. */
export const VIEWS = ['map', 'split', 'table'] as const;
export type View = (typeof VIEWS)[number];

/** The URL is the saved view: everything that a person chose to see. */
export function useSelection() {
  return useQueryState('sel', parseAsString);
}

/** Which lens the map is seen through. */
export function useLens() {
  return useQueryState('lens', parseAsStringLiteral(LENSES).withDefault('members'));
}

/** Words that filter map and table. */
export function useFilterText() {
  return useQueryState('q', parseAsString.withDefault('').withOptions({ throttleMs: 150 }));
}

/** Domains that filter map and table. */
export function useFilterDomains() {
  return useQueryState('domains', parseAsArrayOf(parseAsString).withDefault([]));
}

/** The element that the map is narrowed to. */
export function useFocusMode() {
  return useQueryState('focus', parseAsString);
}

/** Only what failed, or disagrees with packets. */
export function useOnlyTrouble() {
  return useQueryState('trouble', parseAsBoolean.withDefault(false));
}

/** Whether workloads of system namespaces are shown. */
export function useShowSystem() {
  return useQueryState('system', parseAsBoolean.withDefault(false));
}

/** Whether workloads are grouped by namespace. */
export function useGrouping() {
  return useQueryState('group', parseAsBoolean.withDefault(false));
}

/** Map, table, or both. */
export function useView() {
  return useQueryState('view', parseAsStringLiteral(VIEWS));
}

/** The change set under review. */
export function useReview() {
  return useQueryState('review', parseAsString.withOptions({ history: 'push' }));
}

/** The change set shown in Activity. */
export function useChangeSetId() {
  return useQueryState('id', parseAsString.withOptions({ history: 'push' }));
}

/** What Activity lists. */
export const ACTIVITY_TABS = ['changes', 'drift', 'audit'] as const;

/** What Activity lists now. */
export function useActivityTab() {
  return useQueryState('tab', parseAsStringLiteral(ACTIVITY_TABS).withDefault('changes'));
}

/** The object that is not what was applied, shown in Activity. */
export function useDriftId() {
  return useQueryState('drift', parseAsString.withOptions({ history: 'push' }));
}

/** Where a drifted object is shown. */
export function driftHref(id: string): string {
  return `/activity?tab=drift&drift=${encodeURIComponent(id)}`;
}

/** The two ends of the question "may A reach B". */
export function useWhyPair() {
  const [from, setFrom] = useQueryState('from', parseAsString);
  const [to, setTo] = useQueryState('to', parseAsString);
  return { from, to, setFrom, setTo };
}
