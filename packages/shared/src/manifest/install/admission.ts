import { SYSTEM_NAMESPACE, type KubernetesObject } from '../../model/kubernetes-object.ts';
import { clusterMeta } from './meta.ts';

const NAME = 'flatland-agent-own-node';
const AGENT_USER = `system:serviceaccount:${SYSTEM_NAMESPACE}:flatland-agent`;

/** An agent writes only its own node's objects: the node name of its bound token must be that of the object. */
export function admissionManifests(): KubernetesObject[] {
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: clusterMeta(NAME),
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['flatland.dev'],
              apiVersions: ['v1alpha1'],
              operations: ['CREATE', 'UPDATE', 'DELETE'],
              resources: ['addressblocks', 'memberslices', 'nodepeers'],
            },
          ],
        },
        matchConditions: [
          { name: 'agents-only', expression: `request.userInfo.username == '${AGENT_USER}'` },
        ],
        variables: [
          {
            name: 'tokenNode',
            expression:
              "'authentication.kubernetes.io/node-name' in request.userInfo.extra ? request.userInfo.extra['authentication.kubernetes.io/node-name'][0] : ''",
          },
          {
            name: 'objectNode',
            expression: "request.operation == 'DELETE' ? oldObject.spec.node : object.spec.node",
          },
        ],
        validations: [
          {
            expression: 'variables.tokenNode != "" && variables.tokenNode == variables.objectNode',
            message: 'an agent writes only the objects of its own node',
          },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: clusterMeta(NAME),
      spec: { policyName: NAME, validationActions: ['Deny'] },
    },
  ];
}
