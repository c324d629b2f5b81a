import type { User } from '../auth/user.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';

/** A write as admission policies see it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly definition: ResourceDefinition;
  /** '' for the object itself. */
  readonly subresource: string;
  /** '' at cluster scope. */
  readonly namespace: string;
  readonly name: string;
  /** Absent on DELETE. */
  readonly object?: KubeObject;
  /** Absent on CREATE. */
  readonly oldObject?: KubeObject;
  readonly user: User;
  readonly dryRun: boolean;
}
