import { z } from 'zod';

/** What Flatland reads of every object's metadata; unknown fields are kept. */
export const zObjectMeta = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z
    .array(
      z.looseObject({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.boolean().optional(),
      }),
    )
    .optional(),
});

/** Any object of a Kubernetes API: its type, its metadata, and fields that its kind defines. */
export const zKubernetesObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: zObjectMeta,
});

export type ObjectMeta = z.infer<typeof zObjectMeta>;
export type KubernetesObject = z.infer<typeof zKubernetesObject>;

/** Group and version of Flatland's own kinds. */
export const FLATLAND_API_VERSION = 'flatland.dev/v1alpha1';
/** The label that marks what Flatland made; nothing without it is ever deleted. */
export const OWNER_LABEL = 'app.kubernetes.io/managed-by';
export const OWNER_LABEL_VALUE = 'flatland';
/** Annotation with the id of the change set that last wrote an object. */
export const CHANGE_SET_ANNOTATION = 'flatland.dev/change-set';
/** Namespace of the agent, the forwarder and the controller. */
export const SYSTEM_NAMESPACE = 'flatland-system';

/** metav1.Condition. */
export const zCondition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
  observedGeneration: z.number().int().optional(),
});
export type Condition = z.infer<typeof zCondition>;
