import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { formatSelector } from '../apps-v1/workload-columns.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import { checkNetworkPolicy } from './check-network-policy.ts';
import { kindObject } from '../kind-object.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { ageColumn, column, listAt, nameColumn, valueAt } from '../printer-column.ts';
import { always, int32, intOrString, list, object, text } from '../shape.ts';

const ports = list(
  object(
    'A port.',
    {
      protocol: text('TCP, UDP or SCTP.', { default: 'TCP' }),
      port: intOrString('Number or name of the port; all ports when it is not said.'),
      endPort: int32('Last port of a range that begins with port.'),
    },
    { component: 'io.k8s.api.networking.v1.NetworkPolicyPort' },
  ),
  'Ports; all of them when empty.',
);

const peers = list(
  object(
    'Whom traffic may come from or go to.',
    {
      podSelector: labelSelector,
      namespaceSelector: labelSelector,
      ipBlock: object(
        'A range of addresses.',
        { cidr: text('The range.'), except: list(text(''), 'Ranges within it that do not count.') },
        { required: ['cidr'], component: 'io.k8s.api.networking.v1.IPBlock' },
      ),
    },
    { component: 'io.k8s.api.networking.v1.NetworkPolicyPeer' },
  ),
  'Peers; all of them when empty.',
);

const spec = object(
  'Which traffic of which pods is admitted.',
  {
    podSelector: always(labelSelector, 'Pods that it is about.'),
    ingress: list(
      object(
        'Traffic that may come in.',
        { ports, from: peers },
        {
          component: 'io.k8s.api.networking.v1.NetworkPolicyIngressRule',
        },
      ),
      'Traffic that may come in.',
    ),
    egress: list(
      object(
        'Traffic that may go out.',
        { ports, to: peers },
        {
          component: 'io.k8s.api.networking.v1.NetworkPolicyEgressRule',
        },
      ),
      'Traffic that may go out.',
    ),
    policyTypes: list(text(''), 'Ingress, Egress or both.'),
  },
  { required: ['podSelector'], component: 'io.k8s.api.networking.v1.NetworkPolicySpec' },
);

export const networkPolicy: BuiltinKind = builtinKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  hasGeneration: true,
  schema: kindObject('io.k8s.api.networking.v1.NetworkPolicy', 'Which traffic pods admit.', {
    spec: always(spec),
  }),
  columns: [
    nameColumn,
    column('Pod-Selector', (object) => formatSelector(valueAt(object, 'spec', 'podSelector'))),
    ageColumn,
  ],
  complete,
  check: checkNetworkPolicy,
});

/** Policies are about ingress, and about egress where they have a rule for it. */
function complete(object: JsonObject): void {
  const spec = valueAt(object, 'spec');
  if (!isJsonObject(spec) || listAt(spec, 'policyTypes').length > 0) return;
  spec['policyTypes'] = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}
