import type { KubeErrorKind } from '@flatland/kube/client/error';
import type { ReasonCode } from '@flatland/shared/reason/reasons';
import { heldMessage, mirrorDropsMessage } from '../mirror/compile-mirror.ts';
import type { MirroredDomain } from '../mirror/compile-mirror.ts';
import type { TokenTimes } from '@flatland/kube/client/link-token';
import { bad, good, timestamp } from '../status/conditions.ts';
import type { WantedCondition } from '../status/conditions.ts';

/** Why a link does not work; `transient` while it may still come by itself. */
export interface LinkFault {
  readonly reason: ReasonCode;
  readonly message: string;
}

/** What a link's conditions are made from. */
export interface LinkState {
  readonly fault: LinkFault | undefined;
  /** Whether the other side has been listed once. */
  readonly synced: boolean;
  readonly domains: readonly MirroredDomain[];
  /** Objects of the other side that could not be read: name and first fault. */
  readonly unreadable: readonly { readonly key: string; readonly message: string }[];
  /** RemoteSlices that are not Flatland's and stand in the way. */
  readonly unowned: readonly string[];
  /** Why a token that is to be replaced was not. */
  readonly renewalFault: string | undefined;
}

/** The conditions of a ClusterLink: does it work, is all of the other side here, is it as of now, will its token last. */
export function linkConditions(state: LinkState): WantedCondition[] {
  return [
    readyCondition(state),
    completeCondition(state),
    currentCondition(state.domains),
    renewedCondition(state),
  ];
}

/** The conditions of one RemoteSlice. */
export function remoteSliceConditions(domain: MirroredDomain): WantedCondition[] {
  return [completeCondition({ domains: [domain], unreadable: [], unowned: [] }), currentCondition([domain])];
}

/** A refusal is put down to the token's end where that has passed. */
export function expiredFault(fault: LinkFault, times: TokenTimes | undefined, nowMs: number): LinkFault {
  const isOver = fault.reason === 'link-credentials' && times !== undefined && nowMs >= times.expiresAtMs;
  if (!isOver) return fault;
  const message = `the token expired at ${timestamp(times.expiresAtMs)}; what was mirrored stays`;
  return { reason: 'link-expired', message };
}

/** What the API's refusal means for a link. */
export function linkFaultOf(kind: KubeErrorKind, message: string): LinkFault {
  switch (kind) {
    case 'unauthorized':
    case 'forbidden':
    case 'untrusted':
      return { reason: 'link-credentials', message };
    case 'notFound':
      return { reason: 'link-credentials', message: `${message}; is Flatland installed there?` };
    case 'alreadyExists':
    case 'conflict':
    case 'invalid':
    case 'badRequest':
    case 'gone':
    case 'tooManyRequests':
    case 'methodNotAllowed':
    case 'unsupported':
    case 'tooLarge':
    case 'timeout':
    case 'unavailable':
    case 'serverError':
    case 'addressRefused':
    case 'protocol':
    case 'aborted':
      return { reason: 'cluster-unreachable', message };
  }
}

function readyCondition({ fault, synced }: LinkState): WantedCondition {
  if (fault !== undefined) return bad('Ready', fault.reason, fault.message);
  if (synced) return good('Ready');
  return {
    type: 'Ready',
    status: 'Unknown',
    reason: 'not-mirrored',
    message: 'the other side is being listed',
  };
}

function renewedCondition({ fault, renewalFault }: LinkState): WantedCondition {
  if (fault?.reason === 'link-expired') return bad('Renewed', fault.reason, fault.message);
  return renewalFault === undefined ? good('Renewed') : bad('Renewed', 'link-renewal', renewalFault);
}

function completeCondition(state: Pick<LinkState, 'domains' | 'unreadable' | 'unowned'>): WantedCondition {
  const [unreadable] = state.unreadable;
  const [unowned] = state.unowned;
  const drop = state.domains.flatMap(({ drops }) => drops)[0];
  if (drop !== undefined) return bad('Complete', drop.reason, mirrorDropsMessage(state.domains));
  if (unowned !== undefined)
    return bad('Complete', 'unowned-object', `RemoteSlice ${unowned} is not Flatland’s`);
  if (unreadable !== undefined) {
    return bad('Complete', 'unknown-payload', `${unreadable.key}: ${unreadable.message}`);
  }
  return good('Complete');
}

function currentCondition(domains: readonly MirroredDomain[]): WantedCondition {
  const reason = domains.map(({ hold }) => hold.reason).find((found) => found !== undefined);
  return reason === undefined ? good('Current') : bad('Current', reason, heldMessage(domains));
}
