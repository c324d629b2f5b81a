import type { StructuralSchema } from '../../structural-schema.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { always, int32, list, object, text } from '../shape.ts';

const nodeSelectorRequirement = object(
  "A requirement on a node's label or field.",
  {
    key: text('Key of the label.'),
    operator: text('In, NotIn, Exists, DoesNotExist, Gt or Lt.'),
    values: list(text(''), 'Values to compare with.'),
  },
  { required: ['key', 'operator'], component: 'io.k8s.api.core.v1.NodeSelectorRequirement' },
);

export const nodeSelectorTerm: StructuralSchema = object(
  'Requirements that all have to hold.',
  {
    matchExpressions: list(nodeSelectorRequirement, 'Requirements on labels.'),
    matchFields: list(nodeSelectorRequirement, 'Requirements on fields.'),
  },
  { mapType: 'atomic', component: 'io.k8s.api.core.v1.NodeSelectorTerm' },
);

const podAffinityTerm = object(
  'Pods to be near to, or away from.',
  {
    labelSelector,
    namespaces: list(text(''), 'Namespaces of those pods.'),
    namespaceSelector: labelSelector,
    topologyKey: text("Nodes' label that tells what near is."),
    matchLabelKeys: list(text(''), 'Label keys taken from the incoming pod.'),
    mismatchLabelKeys: list(text(''), 'Label keys that must differ from the incoming pod.'),
  },
  { required: ['topologyKey'], component: 'io.k8s.api.core.v1.PodAffinityTerm' },
);

function podAffinityRules(component: string, description: string): StructuralSchema {
  return object(
    description,
    {
      requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm, 'Must hold.'),
      preferredDuringSchedulingIgnoredDuringExecution: list(
        object(
          'A wish and its weight.',
          { weight: int32('Weight, 1 to 100.'), podAffinityTerm: always(podAffinityTerm) },
          {
            required: ['weight', 'podAffinityTerm'],
            component: 'io.k8s.api.core.v1.WeightedPodAffinityTerm',
          },
        ),
        'Should hold.',
      ),
    },
    { component },
  );
}

export const affinity: StructuralSchema = object(
  'Where a pod may run, by nodes and by other pods.',
  {
    nodeAffinity: object(
      'Which nodes.',
      {
        requiredDuringSchedulingIgnoredDuringExecution: object(
          'Terms of which one must hold.',
          { nodeSelectorTerms: list(nodeSelectorTerm, 'Terms of which one must hold.') },
          {
            required: ['nodeSelectorTerms'],
            mapType: 'atomic',
            component: 'io.k8s.api.core.v1.NodeSelector',
          },
        ),
        preferredDuringSchedulingIgnoredDuringExecution: list(
          object(
            'A wish and its weight.',
            { weight: int32('Weight, 1 to 100.'), preference: always(nodeSelectorTerm) },
            { required: ['weight', 'preference'], component: 'io.k8s.api.core.v1.PreferredSchedulingTerm' },
          ),
          'Should hold.',
        ),
      },
      { component: 'io.k8s.api.core.v1.NodeAffinity' },
    ),
    podAffinity: podAffinityRules('io.k8s.api.core.v1.PodAffinity', 'Near which pods.'),
    podAntiAffinity: podAffinityRules('io.k8s.api.core.v1.PodAntiAffinity', 'Away from which pods.'),
  },
  { component: 'io.k8s.api.core.v1.Affinity' },
);
