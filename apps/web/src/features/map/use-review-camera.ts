'use client';
import type { Intent } from '@flatland/shared/intent/intent';
import { useEffect, useRef } from 'react';
import { keyOf, type ElementKey } from '../../graph/model/element-key.ts';
import { useReview } from '../../lib/url-state.ts';
import { useStaging } from '../../staging/staging-store.ts';
import { currentGraph } from './graph-instance.ts';

/** The map has its new width after this. */
const RESIZED_MS = 60;

/** While a review is open the map shows what it is about; afterwards the whole again. */
export function useReviewCamera(): void {
  const [review] = useReview();
  const before = useRef(review);
  useEffect(() => {
    if (before.current === review) return;
    before.current = review;
    const keys = review === null ? undefined : useStaging.getState().intents.flatMap(touched);
    const timer = setTimeout(() => currentGraph()?.camera.fit(keys), RESIZED_MS);
    return () => clearTimeout(timer);
  }, [review]);
}

function touched(intent: Intent): ElementKey[] {
  switch (intent.kind) {
    case 'join':
    case 'leave':
      return [keyOf({ type: 'workload', id: intent.workload }), keyOf({ type: 'domain', id: intent.domain })];
    case 'join-namespace':
    case 'span':
    case 'unspan':
      return [keyOf({ type: 'cluster', id: intent.cluster }), keyOf({ type: 'domain', id: intent.domain })];
    case 'create-domain':
      return [
        keyOf({ type: 'domain', id: intent.domain.name }),
        ...intent.members.map((id) => keyOf({ type: 'workload', id })),
        ...intent.domain.clusters.map((id) => keyOf({ type: 'cluster', id })),
      ];
    case 'delete-domain':
      return [keyOf({ type: 'domain', id: intent.domain })];
    case 'bind-mesh':
      return [keyOf({ type: 'mesh', id: intent.mesh }), keyOf({ type: 'domain', id: intent.domain })];
    case 'enrol':
      return [keyOf({ type: 'workload', id: intent.workload }), keyOf({ type: 'mesh', id: intent.mesh })];
    case 'link':
      return intent.clusters.map((id) => keyOf({ type: 'cluster', id }));
    case 'renew-link':
      return [keyOf({ type: 'cluster', id: intent.cluster })];
    case 'put-object':
    case 'delete-object':
      return [];
  }
}
