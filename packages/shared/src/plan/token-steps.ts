import {
  LINK_TOKEN_SECONDS,
  LINKS_SECRET,
  zClusterLink,
  type ClusterLinkSpec,
} from '../model/cluster-link.ts';
import { SYSTEM_NAMESPACE } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import type { LinkGrant } from '../manifest/install/rbac.ts';
import type { PlanStep, TokenOrder } from './plan.ts';
import type { WorkingSet } from './working-set.ts';

/**
 * Steps that make and take away the tokens of links, beside the steps of the ClusterLinks themselves: a link that is
 * new, or that is to have a new token, gets one; one that goes leaves none behind. A link that reads another Secret
 * than Flatland's has its token from somebody else.
 */
export function tokenSteps(steps: readonly PlanStep[], set: WorkingSet): PlanStep[] {
  const wanted = new Map<string, PlanStep>();
  const add = (cluster: ClusterName, name: string, action: 'mint' | 'forget') => {
    const object = { apiVersion: '', kind: 'ClusterLink', metadata: { name } };
    const shown = action === 'mint' ? set.current(cluster, 'ClusterLink', name) : set.live(cluster, object);
    const link = zClusterLink.safeParse(shown);
    if (!link.success || link.data.spec.secretName !== LINKS_SECRET) return;
    const { spec } = link.data;
    if (action === 'mint' && set.topology.clusters[spec.cluster] === undefined)
      return set.refuse({
        code: 'unknown-cluster',
        detail: `${spec.cluster} is not connected, so it makes no token`,
      });
    const step = tokenStep(cluster, spec, action);
    wanted.set(step.id, step);
  };
  for (const { action, cluster, object } of steps) {
    if (object.kind !== 'ClusterLink' || action === 'update') continue;
    add(cluster, object.name, action === 'create' ? 'mint' : 'forget');
  }
  for (const [cluster, name] of set.renewals) add(cluster, name, 'mint');
  return [...wanted.values()];
}

function tokenStep(cluster: ClusterName, spec: ClusterLinkSpec, action: 'mint' | 'forget'): PlanStep {
  const order: TokenOrder = {
    issuer: spec.cluster,
    key: spec.secretKey,
    lifeSeconds: LINK_TOKEN_SECONDS,
    grants: grantsOf(spec),
  };
  const object = {
    cluster,
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: SYSTEM_NAMESPACE,
    name: LINKS_SECRET,
  };
  const path = `data.${/^[A-Za-z0-9_-]+$/.test(order.key) ? order.key : `"${order.key}"`}`;
  const text = action === 'mint' ? mintText(order) : '';
  return {
    id: [cluster, 'Secret', SYSTEM_NAMESPACE, LINKS_SECRET, order.key].join(' '),
    action,
    cluster,
    object: { ...object, field: path },
    token: order,
    before: action === 'mint' ? '' : `# the token of the link to ${order.issuer}\n`,
    after: text,
    diff: [
      action === 'mint'
        ? { path, op: 'add', after: 'a token, made when this is applied' }
        : { path, op: 'remove', before: 'the token' },
    ],
  };
}

/** What a link may do in the other cluster beyond reading its nodes. */
function grantsOf({ mode, hub }: ClusterLinkSpec): LinkGrant[] {
  return mode === 'push' ? ['flatland-link-push'] : hub ? ['flatland-link-hub'] : [];
}

/** What people read in place of the token. */
function mintText({ issuer, key, lifeSeconds, grants }: TokenOrder): string {
  return [
    `# A token of ServiceAccount flatland-system/flatland-link, which ${issuer} makes when this is applied.`,
    '# It is written into the cluster and shown nowhere.',
    'kind: Secret',
    `name: ${LINKS_SECRET}`,
    `key: ${key}`,
    `issuer: ${issuer}`,
    `livesDays: ${lifeSeconds / 86_400}`,
    'renewedBy: flatland-controller, at half of its life',
    ...(grants.length > 0 ? [`grantedIn${issuer === '' ? '' : ` ${issuer}`}: ${grants.join(', ')}`] : []),
    '',
  ].join('\n');
}
