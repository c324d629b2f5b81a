import { describe, expect, it } from 'vitest';
import type { Intent } from '../intent/intent.ts';
import type { ClusterName, DomainName } from '../model/names.ts';
import { SAMPLE_WORLD } from '../testing/sample-world.ts';
import { snapshotOf } from '../testing/world.ts';
import type { Snapshot } from '../topology/snapshot.ts';
import { applyToSnapshot } from './apply-to-snapshot.ts';
import { invertSteps } from './invert-plan.ts';
import { planChange } from './plan-change.ts';

const bare = snapshotOf(SAMPLE_WORLD);
/** Every cluster's API is known to the others. */
const snapshot: Snapshot = {
  clusters: bare.clusters.map((cluster) => ({
    ...cluster,
    api: { server: `https://${cluster.cluster}.example:6443`, caBundle: `CA of ${cluster.cluster}` },
  })),
};
const east = 'aws-east' as ClusterName;
const west = 'gke-west' as ClusterName;
const fra = 'onprem-fra' as ClusterName;
const link = (more: object = {}): Intent => ({ kind: 'link', clusters: [east, west], ...more });
const short = (steps: ReturnType<typeof planChange>['steps']) =>
  steps.map(({ action, cluster, object, token }) =>
    [action, cluster, object.kind, token?.key ?? object.name].join(' '),
  );
const plan = (...intents: Intent[]) => planChange({ snapshot, intents });

describe('linking two clusters', () => {
  it('reads both ways, makes each token before its link, and says so', () => {
    const { steps, refusals, sentence } = plan(link());
    expect(refusals).toEqual([]);
    expect(short(steps)).toEqual([
      'mint aws-east Secret gke-west',
      'mint gke-west Secret aws-east',
      'create aws-east ClusterLink gke-west',
      'create gke-west ClusterLink aws-east',
    ]);
    expect(sentence).toBe('aws-east and gke-west are linked; no pod restarts');
    expect(steps[2]?.manifest?.['spec']).toEqual({
      cluster: west,
      server: 'https://gke-west.example:6443',
      caBundle: 'CA of gke-west',
      mode: 'pull',
      hub: false,
      secretName: 'flatland-links',
      secretKey: 'gke-west',
    });
    expect(steps[0]?.token).toEqual({ issuer: west, key: 'gke-west', lifeSeconds: 604_800, grants: [] });
  });

  it('where only one can dial, lets that one read and write', () => {
    const { steps } = plan(link({ dialler: west }));
    expect(short(steps)).toEqual([
      'mint gke-west Secret aws-east',
      'mint gke-west Secret aws-east.push',
      'create gke-west ClusterLink aws-east',
      'create gke-west ClusterLink aws-east.push',
    ]);
    expect(steps[1]?.token?.grants).toEqual(['flatland-link-push']);
  });

  it('where neither can dial the other, goes through a hub', () => {
    const { steps, refusals } = plan(link({ through: fra }));
    expect(refusals).toEqual([]);
    expect(short(steps.filter(({ action }) => action === 'create'))).toEqual([
      'create aws-east ClusterLink onprem-fra',
      'create aws-east ClusterLink onprem-fra.push',
      'create gke-west ClusterLink onprem-fra',
      'create gke-west ClusterLink onprem-fra.push',
    ]);
    expect(steps.map(({ token }) => token?.grants).filter((grants) => grants !== undefined)).toEqual([
      ['flatland-link-hub'],
      ['flatland-link-push'],
      ['flatland-link-hub'],
      ['flatland-link-push'],
    ]);
    const again = planChange({ snapshot: applyToSnapshot(snapshot, steps), intents: [link()] });
    expect(again.steps).toEqual([]);
  });

  it('again gives nothing, and undone leaves neither link nor token', () => {
    for (const more of [{}, { dialler: west }, { through: fra }]) {
      const { steps } = plan(link(more));
      const after = applyToSnapshot(snapshot, steps);
      expect(planChange({ snapshot: after, intents: [link(more)] }).steps).toEqual([]);
      const undone = planChange({ snapshot: after, intents: invertSteps(steps) });
      expect(undone.steps.filter(({ action }) => action === 'forget').map(({ id }) => id)).toEqual(
        steps.filter(({ action }) => action === 'mint').map(({ id }) => id),
      );
      // Links go before their tokens.
      expect(undone.steps.map(({ action }) => action)).toEqual(
        undone.steps.map(({ action }) => action).toSorted(),
      );
      const links = applyToSnapshot(after, undone.steps).clusters.flatMap(({ objects }) =>
        objects.filter(({ kind }) => kind === 'ClusterLink' || kind === 'Secret'),
      );
      expect(links).toEqual([]);
    }
  });

  it('is refused without an address, and for clusters that are not there', () => {
    const code = (...intents: Intent[]) =>
      planChange({ snapshot: bare, intents }).refusals.map((one) => one.code);
    expect(code(link())).toEqual(['link-address', 'link-address']);
    expect(code(link({ clusters: [east, 'mars' as ClusterName] }))).toEqual(['unknown-cluster']);
    expect(code(link({ clusters: [east, east] }))).toEqual(['same-element']);
  });
});

describe('a domain over clusters that are not linked', () => {
  const create: Intent = {
    kind: 'create-domain',
    domain: { name: 'blue' as DomainName, clusters: [east, west] },
    members: [],
  };

  it('brings the links with it, before the domain', () => {
    const { steps, refusals } = plan(create);
    expect(refusals).toEqual([]);
    expect(short(steps)).toEqual([
      'mint aws-east Secret gke-west',
      'mint gke-west Secret aws-east',
      'create aws-east ClusterLink gke-west',
      'create gke-west ClusterLink aws-east',
      'create aws-east Domain blue',
      'create gke-west Domain blue',
    ]);
  });

  it('brings none where they are linked', () => {
    const linked = applyToSnapshot(snapshot, plan(link()).steps);
    const { steps } = planChange({ snapshot: linked, intents: [create] });
    expect(short(steps)).toEqual(['create aws-east Domain blue', 'create gke-west Domain blue']);
  });
});

describe('a new token', () => {
  it('is made for a link whose token Flatland keeps, and for no other', () => {
    const linked = applyToSnapshot(snapshot, plan(link()).steps);
    const renew = (cluster: ClusterName, name: string) =>
      planChange({ snapshot: linked, intents: [{ kind: 'renew-link', cluster, link: name }] });
    expect(short(renew(east, 'gke-west').steps)).toEqual(['mint aws-east Secret gke-west']);
    expect(renew(east, 'gke-west').sentence).toBe('aws-east gets a new token for gke-west; no pod restarts');
    expect(renew(east, 'nobody').refusals.map(({ code }) => code)).toEqual(['link-not-found']);
  });
});
