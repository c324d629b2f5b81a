import type { Intent } from '../intent/intent.ts';
import type { LinkGrant } from '../manifest/install/rbac.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import type { Pair } from '../reachability/verdict.ts';
import type { Refusal } from '../reason/reasons.ts';
import type { ObjectRef } from '../topology/topology.ts';
import type { GitEngine } from './git-owner.ts';

/** A plan is a value: shown, diffed, tested and then executed as it is. */
export interface Plan {
  readonly intents: readonly Intent[];
  /** In the order of execution: adds before removes, domains before memberships. */
  readonly steps: readonly PlanStep[];
  readonly effect: Effect;
  /** One sentence for people. */
  readonly sentence: string;
  /** Things that the person must acknowledge before apply. */
  readonly warnings: readonly Refusal[];
  /** Why the plan must not be applied; empty where it may. */
  readonly refusals: readonly Refusal[];
}

/** `mint` makes a token of a link when the step is done, `forget` takes it away; neither has a manifest. */
export type StepAction = 'create' | 'update' | 'delete' | 'mint' | 'forget';

/** A token that is made when the step is done. The token itself is nowhere in a plan. */
export interface TokenOrder {
  /** The cluster whose API makes it: the one that the link leads to. */
  readonly issuer: ClusterName;
  /** Entry of the Secret that holds it. */
  readonly key: string;
  readonly lifeSeconds: number;
  /** ClusterRoles that the link needs there besides those of its account. */
  readonly grants: readonly LinkGrant[];
}

/** One object of one cluster. `manifest` is exactly what is sent by server-side apply. */
export interface PlanStep {
  readonly id: string;
  readonly action: StepAction;
  readonly cluster: ClusterName;
  readonly object: ObjectRef;
  /** The applied manifest, without the change set's annotation (`stampChangeSet` adds it); absent for deletes. */
  readonly manifest?: KubernetesObject;
  /** What `mint` and `forget` are about. */
  readonly token?: TokenOrder;
  /** Stable YAML of the managed fields before and after; empty text where there is none. */
  readonly before: string;
  readonly after: string;
  readonly diff: readonly FieldChange[];
  /** The live object's uid and resourceVersion when it was planned: preconditions of apply and delete. */
  readonly live?: { readonly uid: string; readonly resourceVersion: string };
  /** Who keeps the live object as Git says: the step is exported, never sent, and waited for. */
  readonly git?: GitEngine;
}

/** One changed field. Elements of list-maps are named by their key: `spec.clusters[name=aws-east].slices`. */
export interface FieldChange {
  readonly path: string;
  readonly op: 'add' | 'remove' | 'replace';
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Who reaches whom after but not before, and before but not after; sorted. */
export interface Effect {
  readonly gained: readonly Pair[];
  readonly lost: readonly Pair[];
  /** Workloads whose pods restart; joining a domain restarts nothing. */
  readonly restarts: readonly string[];
}
