import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zWorkloadKind } from './membership.ts';
import { zClusterName, zDomainName, zNamespaceName, zObjectName } from './names.ts';

export const MESH_KINDS = ['consul', 'istio', 'kuma', 'linkerd'] as const;

/** A workload anywhere, as meshes and policies name it. */
export const zWorkloadRef = z.strictObject({
  cluster: zClusterName,
  namespace: zNamespaceName,
  kind: zWorkloadKind,
  name: zObjectName,
});
export type WorkloadRef = z.infer<typeof zWorkloadRef>;

/** A service mesh instance bound to one domain. */
export const zMeshSpec = z.strictObject({
  kind: z.enum(MESH_KINDS),
  version: z.string().max(64),
  domain: zDomainName,
  controlPlane: zWorkloadRef,
  /** True where the mesh redirects its workloads' traffic; at most one such mesh a pod. */
  intercepts: z.boolean(),
  enrolled: z.array(zWorkloadRef),
});
export const zMesh = defineKind(
  'Mesh',
  zMeshSpec,
  z.looseObject({ conditions: z.array(zCondition).optional() }),
);
export type MeshSpec = z.infer<typeof zMeshSpec>;
export type Mesh = z.infer<typeof zMesh>;
