import type { Cidr } from '../address/cidr.ts';
import type { ClusterName, DomainName } from '../model/names.ts';
import type { Refusal } from '../reason/reasons.ts';
import type { ElementRef, WorkloadId } from '../topology/topology.ts';

/** What a person wants, whatever way they said it: mouse, keyboard, command line or YAML. */
export type Intent =
  | { readonly kind: 'join'; readonly workload: WorkloadId; readonly domain: DomainName }
  | {
      readonly kind: 'join-namespace';
      readonly cluster: ClusterName;
      readonly namespace: string;
      readonly domain: DomainName;
    }
  | { readonly kind: 'leave'; readonly workload: WorkloadId; readonly domain: DomainName }
  | { readonly kind: 'create-domain'; readonly domain: NewDomain; readonly members: readonly WorkloadId[] }
  | { readonly kind: 'delete-domain'; readonly domain: DomainName }
  | { readonly kind: 'span'; readonly cluster: ClusterName; readonly domain: DomainName }
  | { readonly kind: 'unspan'; readonly cluster: ClusterName; readonly domain: DomainName }
  | { readonly kind: 'bind-mesh'; readonly mesh: string; readonly domain: DomainName }
  | { readonly kind: 'enrol'; readonly workload: WorkloadId; readonly mesh: string }
  | LinkIntent
  /** Makes a new token for a link that Flatland made: the old one expired, or is not to be used any more. */
  | { readonly kind: 'renew-link'; readonly cluster: ClusterName; readonly link: string }
  /** Puts objects as given: `plan -f`, an edited YAML, an inverse change set. */
  | { readonly kind: 'put-object'; readonly cluster: ClusterName; readonly object: object }
  | { readonly kind: 'delete-object'; readonly cluster: ClusterName; readonly object: object };

/**
 * Lets two clusters know each other’s nodes. Each reads from the other; where only one can dial, `dialler` reads and
 * writes for both; where neither can, both dial the hub `through` and know each other from there.
 */
export interface LinkIntent {
  readonly kind: 'link';
  readonly clusters: readonly [ClusterName, ClusterName];
  readonly dialler?: ClusterName;
  readonly through?: ClusterName;
}

/** A domain to be made. What is left out is chosen: prefixes from the pool, home the first cluster. */
export interface NewDomain {
  readonly name: DomainName;
  readonly clusters: readonly ClusterName[];
  readonly prefixes?: readonly Cidr[];
  readonly home?: ClusterName;
  readonly mtuBytes?: number;
  readonly allowedNamespaces?: readonly string[];
}

/**
 * What a gesture from `source` to `target` means: intents to stage, a question that the person must
 * answer first, or a refusal. See `connect` in `intent/connect.ts`.
 */
export type Gesture =
  | { readonly kind: 'intents'; readonly intents: readonly Intent[] }
  | {
      readonly kind: 'choose-domain';
      readonly source: WorkloadId;
      readonly target: WorkloadId;
      readonly options: readonly DomainOption[];
    }
  | {
      readonly kind: 'name-domain';
      readonly members: readonly WorkloadId[];
      readonly clusters: readonly ClusterName[];
      readonly suggestion: NewDomain;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** One answer to "which domain?", and everyone else that each of the two would reach by it. */
export interface DomainOption {
  readonly domain: DomainName | 'new';
  readonly intents: readonly Intent[];
  readonly alsoReaches: readonly WorkloadId[];
  readonly refusal?: Refusal;
}

/** A gesture's ends, for tables of tests and for the command palette. */
export interface GestureEnds {
  readonly source: ElementRef;
  readonly target: ElementRef;
}
