import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { eventually } from '../api.ts';
import { deployment, pod } from '../objects.ts';
import type { Get } from '../suite.ts';
import {
  NOT_NEGATIVE,
  PORT_RANGE,
  shown,
  SUBDOMAIN,
  wordsOf,
  type ChangedWords,
} from './kubernetes-words.ts';

/** What pods are refused for, whole and in Kubernetes' words, and where their priorities come from. */
export function podRuleCases(get: Get): void {
  describe('rules of pods', () => {
    it.each(PODS)('a pod of %j is refused', async (spec, why) => {
      const { api, freshNamespace, minor } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const { code, body } = await api.create(path, pod('one', {}, spec));
      expect([code, body.message]).toEqual([422, `Pod "one" is invalid: ${wordsOf(why, minor)}`]);
    });

    it('a change of a pod is told first what no pod may have, then what may not change', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const { body: made } = await api.create(path, pod('one'));
      const change = async (...images: string[]) => {
        const containers = images.map((image, index) =>
          index === 0 ? { ...made.spec.containers[0], image } : { name: `side-${index}`, image },
        );
        return (await api.merge(`${path}/one`, { spec: { containers } })).body.message;
      };
      const spaces = (index: number, image: string) =>
        `spec.containers[${index}].image: Invalid value: "${image}": must not have leading or trailing whitespace`;
      expect(await change(' x')).toBe(`Pod "one" is invalid: ${spaces(0, ' x')}`);
      expect(await change('x', ' y')).toBe(
        `Pod "one" is invalid: [${spaces(1, ' y')}, spec.containers: Forbidden: pod updates may not add or remove containers]`,
      );
    });

    it('a pod of a ServiceAccount that is not there is refused', async () => {
      const { api, freshNamespace } = get();
      const namespace = await freshNamespace();
      const path = `/api/v1/namespaces/${namespace}/pods`;
      const { code, body } = await api.create(path, pod('one', {}, { serviceAccountName: 'ghost' }));
      expect([code, body.message]).toEqual([
        403,
        `pods "one" is forbidden: error looking up service account ${namespace}/ghost: serviceaccount "ghost" not found`,
      ]);
      await api.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'ghost' },
      });
      const made = await eventually(
        () => api.create(path, pod('one', {}, { serviceAccountName: 'ghost' })),
        (answer) => answer.code === 201,
      );
      expect(made.code).toBe(201);
    });

    it('the name of a ServiceAccount is held to the rules of names', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const bad = deployment('one');
      bad.spec.template.spec.serviceAccountName = 'Bad';
      const { code, body } = await api.create(path, bad);
      expect([code, body.message]).toEqual([
        422,
        `Deployment.apps "one" is invalid: spec.template.spec.serviceAccountName: Invalid value: "Bad": ${SUBDOMAIN}`,
      ]);
    });

    it('the template of a workload is held to the same rules', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      const bad = deployment('one');
      bad.spec.template.spec.nodeName = 'Bad';
      const { code, body } = await api.create(path, bad);
      expect([code, causes(body)]).toEqual([422, [['FieldValueInvalid', 'spec.template.spec.nodeName']]]);
    });
  });

  describe('priorities of pods', () => {
    it('come from classes, two of which every cluster has', async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      for (const [priorityClassName, priority] of [
        ['system-node-critical', 2_000_001_000],
        ['system-cluster-critical', 2_000_000_000],
      ]) {
        const { code, body } = await api.create(
          path,
          pod(`of-${priorityClassName}`, {}, { priorityClassName }),
        );
        expect([code, body.spec.priority, body.spec.preemptionPolicy]).toEqual([
          201,
          priority,
          'PreemptLowerPriority',
        ]);
      }
    });

    it.each([
      [{ priorityClassName: 'no-such-class' }, 'no PriorityClass with name no-such-class was found'],
      [
        { priority: 7 },
        'the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
      ],
      [
        { preemptionPolicy: 'Never' },
        'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
      ],
    ])('a pod of %j is forbidden', async (spec, why) => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/pods`;
      const { code, body } = await api.create(path, pod('one', {}, spec));
      expect([code, body.message]).toEqual([403, `pods "one" is forbidden: ${why}`]);
    });

    it.each(PRIORITY_CLASSES)('the class %s of %j is refused', async (name, fields, why) => {
      const { code, body } = await get().api.create(PRIORITY_CLASSES_PATH, priorityClass(name, fields));
      const subject = `PriorityClass.scheduling.k8s.io "${name}" is invalid`;
      expect([code, body.message]).toEqual([422, `${subject}: ${why}`]);
    });

    it('have one default at most', async () => {
      const { api, freshName } = get();
      const [first, second] = [freshName('class'), freshName('class')] as const;
      const fields = { value: 7, globalDefault: true };
      expect((await api.create(PRIORITY_CLASSES_PATH, priorityClass(first, fields))).code).toBe(201);
      try {
        const { code, body } = await eventually(
          () => api.create(`${PRIORITY_CLASSES_PATH}?dryRun=All`, priorityClass(second, fields)),
          (answer) => answer.code === 403,
        );
        const why = `PriorityClass ${first} is already marked as default. Only one default can exist`;
        expect([code, body.message]).toEqual([
          403,
          `priorityclasses.scheduling.k8s.io "${second}" is forbidden: ${why}`,
        ]);
      } finally {
        await api.delete(`${PRIORITY_CLASSES_PATH}/${first}`);
      }
    });

    it('keep the value of their class', async () => {
      const { api, freshName } = get();
      const name = freshName('class');
      await api.create(PRIORITY_CLASSES_PATH, priorityClass(name, { value: 7 }));
      const { code, body } = await api.merge(`${PRIORITY_CLASSES_PATH}/${name}`, { value: 8 });
      expect([code, causes(body)]).toEqual([422, [['FieldValueForbidden', 'value']]]);
      await api.delete(`${PRIORITY_CLASSES_PATH}/${name}`);
    });
  });
}

const MAIN = { name: 'main', image: 'example/image:1' };
const withPorts = (...ports: Json[]): Json => ({ containers: [{ ...MAIN, ports }] });
const withResources = (resources: Json): Json => ({ containers: [{ ...MAIN, resources }] });
const tolerating = (toleration: Json): Json => ({ tolerations: [toleration] });

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const PODS: [Json, string | ChangedWords][] = [
  [{ nodeName: 'Bad' }, `spec.nodeName: Invalid value: "Bad": ${SUBDOMAIN}`],
  [{ hostname: 'Bad' }, `spec.hostname: Invalid value: "Bad": ${LABEL}`],
  [{ nodeSelector: { ok: 'not ok!' } }, `spec.nodeSelector: Invalid value: "not ok!": ${LABEL_VALUE}`],
  [
    { activeDeadlineSeconds: 0 },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    tolerating({ operator: 'Equal', value: 'x' }),
    'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  ],
  [
    tolerating({ key: 'a', operator: 'Exists', value: 'x' }),
    'spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
  ],
  [
    tolerating({ key: 'a', operator: 'Near' }),
    'spec.tolerations[0].operator: Unsupported value: "Near": supported values: "Equal", "Exists"',
  ],
  [
    tolerating({ key: 'a', value: 'not ok!' }),
    `spec.tolerations[0].operator: Invalid value: "not ok!": ${LABEL_VALUE}`,
  ],
  [
    tolerating({ key: 'a', operator: 'Exists', effect: 'NoMatter' }),
    'spec.tolerations[0].effect: Unsupported value: "NoMatter": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    tolerating({ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }),
    'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    withPorts({ containerPort: 80, hostPort: 65_536 }),
    `spec.containers[0].ports[0].hostPort: Invalid value: 65536: ${PORT_RANGE}`,
  ],
  [
    withPorts({ containerPort: 80, hostPort: 8080 }, { containerPort: 81, hostPort: 8080 }),
    'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//8080"',
  ],
  [
    { hostNetwork: true, ...withPorts({ containerPort: 80, hostPort: 81 }) },
    'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
  ],
  [
    withResources({ requests: { cpu: '2' }, limits: { cpu: '1500m' } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1500m',
  ],
  [
    withResources({ limits: { memory: '-1' }, requests: { memory: '-1' } }),
    `[spec.containers[0].resources.limits[memory]: Invalid value: "-1": ${NOT_NEGATIVE}, spec.containers[0].resources.requests[memory]: Invalid value: "-1": ${NOT_NEGATIVE}]`,
  ],
  [
    withResources({ requests: { pods: '1' } }),
    shown(
      '"pods"',
      'pods',
      (value) =>
        `spec.containers[0].resources.requests[pods]: Invalid value: ${value}: must be a standard resource for containers`,
    ),
  ],
  [
    withResources({ requests: { gpu: '1' } }),
    shown(
      '"gpu"',
      'gpu',
      (value) =>
        `[spec.containers[0].resources.requests[gpu]: Invalid value: ${value}: must be a standard resource type or fully qualified, spec.containers[0].resources.requests[gpu]: Invalid value: ${value}: must be a standard resource for containers]`,
    ),
  ],
  [
    withResources({ requests: { 'example.com/gpu': '1' } }),
    'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    withResources({ requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '2' } }),
    'spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2',
  ],
];

const PRIORITY_CLASSES_PATH = '/apis/scheduling.k8s.io/v1/priorityclasses';

const PRIORITY_CLASSES: [string, Json, string][] = [
  [
    'system-made-up',
    { value: 1 },
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-made-up is not a known system priority class",
  ],
  [
    'higher',
    { value: 1_000_000_001 },
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ],
  [
    'pushy',
    { value: 1, preemptionPolicy: 'Always' },
    'preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
  ],
];

function priorityClass(name: string, fields: Json): Json {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, ...fields };
}

function causes(status: Json): [string, string][] {
  return (status.details?.causes ?? []).map(({ reason, field }: Json) => [reason, field]);
}
