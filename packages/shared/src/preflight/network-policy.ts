import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';
import { WIREGUARD_PORTS_TEXT as PORTS } from './ports-text.ts';

interface Engine {
  readonly title: string;
  /** Names of its DaemonSets. */
  readonly daemonSets: RegExp;
  /** API groups of its CustomResourceDefinitions. */
  readonly groups: readonly string[];
  readonly enforces: boolean;
}

/** Networks for pods, and whether they enforce NetworkPolicies. Names are those of the projects’ own manifests. */
const ENGINES: readonly Engine[] = [
  { title: 'Antrea', daemonSets: /^antrea-agent/, groups: ['crd.antrea.io'], enforces: true },
  { title: 'Azure NPM', daemonSets: /^azure-npm/, groups: [], enforces: true },
  {
    title: 'Calico',
    daemonSets: /^(calico-node|canal)$/,
    groups: ['crd.projectcalico.org', 'projectcalico.org'],
    enforces: true,
  },
  { title: 'Cilium', daemonSets: /^(cilium|anetd)$/, groups: ['cilium.io'], enforces: true },
  { title: 'flannel', daemonSets: /^kube-flannel/, groups: [], enforces: false },
  { title: 'kindnet', daemonSets: /^kindnet/, groups: [], enforces: true },
  { title: 'kube-router', daemonSets: /^kube-router/, groups: [], enforces: true },
  { title: 'OVN-Kubernetes', daemonSets: /^ovnkube-node/, groups: ['k8s.ovn.org'], enforces: true },
  { title: 'VPC CNI', daemonSets: /^aws-node$/, groups: ['networking.k8s.aws'], enforces: true },
  { title: 'Weave Net', daemonSets: /^weave-net$/, groups: [], enforces: true },
];

const NOTE = 'NetworkPolicies hold on the pod network, not on members’ interfaces in domains';

/** Which network pods have, recognised from its DaemonSets and the API groups of its CustomResourceDefinitions. */
export function networkPolicyLines({ daemonSets, apiGroups }: PreflightFacts): PreflightLine[] {
  const sets = daemonSets.ok ? daemonSets.value.map((set) => set.metadata.name) : [];
  const groups = new Set(apiGroups.ok ? apiGroups.value : []);
  const found = ENGINES.filter(
    (engine) =>
      sets.some((name) => engine.daemonSets.test(name)) || engine.groups.some((group) => groups.has(group)),
  );
  if (found.length > 0) {
    const engines = found.map(({ title, enforces }) => `${title}${enforces ? '' : ' (enforces none)'}`);
    return [line('network-policy', 'ok', `${engines.join(', ')}. ${NOTE}`)];
  }
  const unread = daemonSets.ok ? '' : ` DaemonSets cannot be listed: ${daemonSets.error}.`;
  return [
    line(
      'network-policy',
      'unknown',
      `No known network for pods is recognised.${unread} ${NOTE}`,
      `If it filters what nodes send, let UDP ${PORTS} pass`,
    ),
  ];
}
