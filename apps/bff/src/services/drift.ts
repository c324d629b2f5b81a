import type { KubeClient } from '@flatland/kube/client/kube-client';
import { refOf } from '@flatland/kube/client/object';
import { getObject } from '@flatland/kube/client/objects';
import { refusalOf } from '@flatland/kube/client/refusal-of';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import {
  adoptedManifest,
  driftedFields,
  driftOf,
  restoredManifest,
  type DriftedObject,
} from '@flatland/shared/plan/drift';
import { diffFields } from '@flatland/shared/plan/diff-fields';
import { gitOwner } from '@flatland/shared/plan/git-owner';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import type { Plan, PlanStep } from '@flatland/shared/plan/plan';
import { err, ok, type Result } from '@flatland/shared/result';
import type { ChangeSet } from '../api/change-set.ts';
import { ConsoleFailure } from '../api/console-error.ts';
import type { Console, Principal } from '../api/console.ts';
import type { DriftDetail } from '../api/drift.ts';
import { PATIENCE } from '../executor/apply-step.ts';
import { FIELD_MANAGER } from '../executor/field-manager.ts';
import { seenOf } from '../executor/seen-of.ts';
import { writableKind } from '../executor/writable-kinds.ts';
import { planHash } from '../planning/plan-hash.ts';
import type { KnownObject } from '../state/applied-objects.ts';
import type { DriftKeeper } from '../state/drift-keeper.ts';
import type { ChangeSets } from './change-sets.ts';

export interface DriftDeps {
  readonly keeper: DriftKeeper;
  readonly changeSets: ChangeSets;
  readonly client: (cluster: string) => KubeClient | undefined;
  /** An object as it was last seen. */
  readonly lastSeen: (id: string, cluster: string) => KubernetesObject | undefined;
  readonly nowMs: () => number;
}

/** Objects that somebody changed after a change set applied them: shown, adopted, restored. */
export class Drift implements DriftOfConsole {
  readonly #deps: DriftDeps;

  constructor(deps: DriftDeps) {
    this.#deps = deps;
  }

  list(): readonly DriftedObject[] {
    return this.#deps.keeper.all();
  }

  async get(id: string): Promise<DriftDetail> {
    const applied = this.#applied(id);
    const asked = await this.#ask(applied);
    const live = asked.ok ? asked.value : this.#deps.lastSeen(id, applied.object.cluster);
    const { object, changeSet, appliedAtMs, title, person } = applied;
    return {
      ...(driftOf(applied, live) ?? { id, object, how: 'edited', paths: [], changeSet, appliedAtMs }),
      fields: live ? driftedFields(applied, live, FIELD_MANAGER) : [],
      applied: stableYaml(managedFields(applied.manifest)),
      live: live ? stableYaml(managedFields(live)) : '',
      seen: live ? seenOf(live) : '',
      current: asked.ok,
      appliedBy: { title, person },
    };
  }

  async adopt(
    principal: Principal,
    objects: readonly { readonly id: string; readonly seen: string }[],
  ): Promise<ChangeSet> {
    const { changeSets, keeper, nowMs } = this.#deps;
    const seen = new Map(objects.map((object) => [object.id, object.seen]));
    const adopted = await Promise.all([...seen].map(([id, hash]) => this.#adopted(id, hash)));
    const written = adopted.find(({ applied }) => keeper.isUnderWay(applied.id));
    if (written !== undefined)
      throw new ConsoleFailure('wrong-state', `A change set is about to write ${nameOf(written.applied)}`);
    const named = adopted.map(({ applied }) => nameOf(applied));
    const [only] = adopted.length === 1 ? named : [];
    const plan: Plan = {
      intents: [],
      steps: adopted.map(({ step }) => step),
      effect: { gained: [], lost: [], restarts: [] },
      sentence: `${only === undefined ? `${named.length} objects are taken as they are` : `${only} is taken as it is`}; nothing is written`,
      warnings: [],
      refusals: [],
    };
    return changeSets.adopt(principal, {
      title: titleOf('Adopt', named),
      intents: adopted.map(({ applied, step }) => {
        const { cluster } = applied.object;
        return step.manifest === undefined
          ? { kind: 'delete-object', cluster, object: applied.manifest }
          : { kind: 'put-object', cluster, object: step.manifest };
      }),
      planned: { plan, planHash: planHash(plan), plannedAtMs: nowMs(), dryRun: [] },
    });
  }

  async restore(principal: Principal, ids: readonly string[]): Promise<ChangeSet> {
    const asked = await Promise.all(
      [...new Set(ids)].map(async (id) => {
        const applied = this.#applied(id);
        const live = await this.#ask(applied);
        if (!live.ok) throw live.error;
        return { applied, live: live.value };
      }),
    );
    const drifted = asked.filter(({ applied, live }) => driftOf(applied, live) !== undefined);
    if (drifted.length === 0) throw new ConsoleFailure('plan-empty', 'It is as it was applied');
    return this.#deps.changeSets.createOnce(principal, {
      source: `restore ${drifted
        .map(({ applied }) => applied.id)
        .toSorted()
        .join(' ')}`,
      title: titleOf(
        'Restore',
        drifted.map(({ applied }) => nameOf(applied)),
      ),
      intents: drifted.map(({ applied, live }) => ({
        kind: 'put-object',
        cluster: applied.object.cluster,
        object: restoredManifest(applied, live),
      })),
    });
  }

  /** What adopting one object means, where it is as it was seen. */
  async #adopted(
    id: string,
    seen: string,
  ): Promise<{ readonly applied: KnownObject; readonly step: PlanStep }> {
    const applied = this.#applied(id);
    const { name } = applied.object;
    const asked = await this.#ask(applied);
    if (!asked.ok) throw asked.error;
    const live = asked.value;
    if ((live ? seenOf(live) : '') !== seen)
      throw new ConsoleFailure('plan-changed', `${name} changed again since you looked`);
    if (driftOf(applied, live) === undefined)
      throw new ConsoleFailure('plan-empty', `${name} is as it was applied`);
    return { applied, step: adoptedStep(applied, live) };
  }

  #applied(id: string): KnownObject {
    const applied = this.#deps.keeper.appliedTo(id);
    if (applied === undefined) throw new ConsoleFailure('not-found', `No change set applied ${id}`);
    return applied;
  }

  /** The live object, undefined where there is none; an error where its cluster does not say. */
  async #ask({ object }: KnownObject): Promise<Result<KubernetesObject | undefined, ConsoleFailure>> {
    const client = this.#deps.client(object.cluster);
    const type = writableKind(object.kind);
    if (client === undefined || type === undefined)
      return err(new ConsoleFailure('unknown-cluster', `${object.cluster} is not connected`, object));
    const live = await getObject<KubernetesObject>(client, type, { ...refOf(object), ...PATIENCE });
    if (live.ok) return ok(live.value);
    if (live.error.kind === 'notFound') return ok(undefined);
    const { code, detail } = refusalOf(live.error);
    return err(new ConsoleFailure(code, detail, object));
  }
}

type DriftOfConsole = Console['drift'];

/** What somebody else did, as a step that is applied already: reverting it restores what was applied before. */
function adoptedStep(applied: KnownObject, live: KubernetesObject | undefined): PlanStep {
  const { id, object } = applied;
  const was = managedFields(applied.manifest);
  const is = live && adoptedManifest(applied, live);
  const { uid, resourceVersion } = live?.metadata ?? {};
  const git = live && gitOwner(live);
  return {
    id,
    action: is ? 'update' : 'delete',
    cluster: object.cluster,
    object,
    ...(is && { manifest: is }),
    before: stableYaml(was),
    after: is ? stableYaml(is) : '',
    diff: diffFields(was, is),
    ...(uid !== undefined && resourceVersion !== undefined && { live: { uid, resourceVersion } }),
    ...(git !== undefined && { git }),
  };
}

/** `Adopt Domain red in aws-east`, `Adopt 3 objects`. */
function titleOf(act: 'Adopt' | 'Restore', names: readonly string[]): string {
  const [only] = names.length === 1 ? names : [];
  return `${act} ${only ?? `${names.length} objects`}`.slice(0, 200);
}

function nameOf({ object: { kind, name, cluster } }: KnownObject): string {
  return `${kind} ${name} in ${cluster}`;
}
