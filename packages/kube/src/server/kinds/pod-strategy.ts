import type { KubeObject } from '../model/kube-object.ts';
import { printable } from '../model/text.ts';
import { readPath } from '../model/read-path.ts';
import { forbidden } from '../status/status.ts';
import type { Strategy, StrategyContext } from './resource-definition.ts';

const PRIORITY_CLASSES = { group: 'scheduling.k8s.io', name: 'priorityclasses' };
const SERVICE_ACCOUNTS = { group: '', name: 'serviceaccounts' };
const NODE_TOLERATION_S = 300;
const NODE_TROUBLES = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

interface Container {
  readonly resources?: {
    readonly requests?: Record<string, unknown>;
    readonly limits?: Record<string, unknown>;
  };
}

/** Pods: what Kubernetes' admission and registry set when one is created. */
export const podStrategy: Strategy = {
  returnsDeleted: true,
  applyDefaults: (pod) => {
    // Of pods alone, not of their templates.
    const spec = pod['spec'] as { terminationGracePeriodSeconds?: number } | undefined;
    if (spec?.terminationGracePeriodSeconds !== undefined && spec.terminationGracePeriodSeconds < 0)
      spec.terminationGracePeriodSeconds = 1;
  },
  prepareForCreate: (pod, context) => {
    const spec = pod['spec'] as Record<string, unknown> | undefined;
    if (!spec) return;
    spec['serviceAccountName'] ||= 'default';
    spec['serviceAccount'] = spec['serviceAccountName'];
    needServiceAccount(pod, String(spec['serviceAccountName']), context);
    setPriority(spec, pod.metadata.name, context);
    addTolerations(spec);
    pod['status'] = { phase: 'Pending', qosClass: qosClassOf(pod) };
  },
  prepareForUpdate: (pod) => {
    const spec = pod['spec'] as Record<string, unknown> | undefined;
    if (spec) addTolerations(spec);
  },
  // Kubelets may not know the class, and nobody changes it.
  prepareForStatusUpdate: (pod, old) => {
    const status = pod['status'] as Record<string, unknown> | undefined;
    const before = readPath(old, ['status', 'qosClass']);
    if (status && before !== undefined) status['qosClass'] ||= before;
  },
};

/**
 * Refuses a pod whose ServiceAccount is not there (admission plugin ServiceAccount). That plugin waits a moment for the
 * one that comes with every namespace, so a pod of that one is never refused here.
 */
function needServiceAccount(pod: KubeObject, name: string, context: StrategyContext): void {
  const namespace = pod.metadata.namespace ?? '';
  if (name === 'default' || context.get(SERVICE_ACCOUNTS, namespace, name)) return;
  throw forbidden(
    { group: '', name: 'pods' },
    pod.metadata.name,
    `error looking up service account ${printable(namespace)}/${printable(name)}: serviceaccount "${printable(name)}" not found`,
  );
}

/** The priority of the pod's class, of the default class, or none (admission plugin Priority). */
function setPriority(spec: Record<string, unknown>, podName: string, context: StrategyContext): void {
  const refuse = (why: string) => forbidden({ group: '', name: 'pods' }, podName, why);
  const asked = spec['priorityClassName'];
  const isAsked = typeof asked === 'string' && asked !== '';
  const priorityClass = isAsked
    ? context.get(PRIORITY_CLASSES, '', asked)
    : context.list(PRIORITY_CLASSES).find((candidate) => candidate['globalDefault'] === true);
  if (isAsked && !priorityClass) throw refuse(`no PriorityClass with name ${printable(asked)} was found`);
  if (priorityClass) spec['priorityClassName'] = priorityClass.metadata.name;
  const priority = priorityClass?.['value'] ?? 0;
  const given = spec['priority'];
  if (typeof given === 'number' && given !== priority) {
    throw refuse(
      `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${String(priority as number)} from the given PriorityClass name`,
    );
  }
  spec['priority'] = priority;
  const policy = (priorityClass?.['preemptionPolicy'] as string | undefined) ?? 'PreemptLowerPriority';
  const givenPolicy = spec['preemptionPolicy'];
  if (typeof givenPolicy === 'string' && givenPolicy !== policy) {
    throw refuse(
      `the string value of PreemptionPolicy (${printable(givenPolicy)}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec['preemptionPolicy'] = policy;
}

/** Pods stay on a node in trouble for five minutes unless they say otherwise (DefaultTolerationSeconds). */
function addTolerations(spec: Record<string, unknown>): void {
  const tolerations = (spec['tolerations'] as { key?: string; effect?: string }[] | undefined) ?? [];
  for (const key of NODE_TROUBLES) {
    const has = tolerations.some(
      (toleration) =>
        (toleration.key === key || !toleration.key) &&
        (toleration.effect === 'NoExecute' || !toleration.effect),
    );
    if (has) continue;
    const added = { effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: NODE_TOLERATION_S };
    tolerations.push(added);
  }
  spec['tolerations'] = tolerations;
}

/** `Guaranteed`, `Burstable` or `BestEffort`, from requests and limits of CPU and memory. */
function qosClassOf(pod: KubeObject): string {
  const containers = [
    ...((readPath(pod, ['spec', 'containers']) as Container[] | undefined) ?? []),
    ...((readPath(pod, ['spec', 'initContainers']) as Container[] | undefined) ?? []),
  ];
  const counted = ['cpu', 'memory'];
  const amounts = (list: Record<string, unknown> | undefined) =>
    counted.map((name) => (list && Object.hasOwn(list, name) ? String(list[name]) : ''));
  const all = containers.map(({ resources }) => ({
    requests: amounts(resources?.requests),
    limits: amounts(resources?.limits),
  }));
  if (all.every(({ requests, limits }) => [...requests, ...limits].every((amount) => amount === '')))
    return 'BestEffort';
  const guaranteed = all.every(({ requests, limits }) =>
    limits.every((limit, index) => limit !== '' && (requests[index] === '' || requests[index] === limit)),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
