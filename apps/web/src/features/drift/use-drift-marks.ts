'use client';
import { useMemo } from 'react';
import { driftMarks, type DriftMarks } from '../../graph/model/drift-marks.ts';
import { useLive } from '../../live/live-store.ts';

/** Objects that are not what was applied, by the elements that they belong to. */
export function useDriftMarks(): DriftMarks {
  const drifted = useLive((live) => live.drifted);
  const topology = useLive((live) => live.topology);
  return useMemo(() => driftMarks(drifted, topology), [drifted, topology]);
}
