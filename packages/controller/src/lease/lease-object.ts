import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { z } from 'zod';
import type { LeaseProposal, LeaseState } from './election.ts';

/** The Lease of a cluster's controllers. */
export const LEASE_REF = { name: 'flatland-controller', namespace: SYSTEM_NAMESPACE } as const;

const zLease = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      leaseTransitions: z.number().nullish(),
      acquireTime: z.string().nullish(),
    })
    .optional(),
});

/** Reads a `coordination.k8s.io/v1` Lease; the error names the field at fault. */
export function readLease(object: unknown): Result<LeaseState, string> {
  const parsed = zLease.safeParse(object);
  if (!parsed.success) return err(`Lease ${LEASE_REF.name}: ${parsed.error.issues[0]?.path.join('.')}`);
  const { metadata, spec } = parsed.data;
  return ok({
    holder: spec?.holderIdentity ?? '',
    durationMs: (spec?.leaseDurationSeconds ?? 0) * 1000,
    transitions: spec?.leaseTransitions ?? 0,
    acquireTime: spec?.acquireTime ?? undefined,
    resourceVersion: metadata.resourceVersion,
  });
}

/** The Lease that a proposal means, renewed at `wallMs` since the epoch. A released one has the empty holder. */
export function leaseObject(proposal: LeaseProposal, wallMs: number) {
  const renewTime = microTime(wallMs);
  const { resourceVersion } = proposal;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...LEASE_REF, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: {
      holderIdentity: proposal.holder,
      leaseDurationSeconds: Math.max(1, Math.ceil(proposal.durationMs / 1000)),
      leaseTransitions: proposal.transitions,
      acquireTime: proposal.acquireTime ?? renewTime,
      renewTime,
    },
  };
}

/** A `meta/v1` MicroTime. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/Z$/, '000Z');
}
