import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import type { Result } from '../result.ts';
import type { ClusterRanges, DomainView } from '../topology/topology.ts';

/** Something that was read, or why it could not be. */
export type Known<T> = Result<T, string>;

/** What a right is needed for. */
export type AccessPurpose = 'read' | 'write' | 'probe' | 'install' | 'dns';

/** One right and what the cluster says of it (SelfSubjectAccessReview). An empty group is the core group. */
export interface AccessAnswer {
  readonly purpose: AccessPurpose;
  readonly verb: string;
  readonly group: string;
  /** Plural, with its subresource: `pods/proxy`. */
  readonly resource: string;
  readonly allowed: Known<boolean>;
}

/** What was gathered of a cluster before it is connected. Objects are as the API gave them: untrusted. */
export interface PreflightFacts {
  /** URL of the API server. */
  readonly server: string;
  /** gitVersion of the API server. */
  readonly version: Known<string>;
  /** False where the API says that it knows nobody by these credentials. */
  readonly credentialsAccepted: boolean;
  readonly access: readonly AccessAnswer[];
  /** API groups that the cluster serves; `argoproj.io` only where it has Argo CD’s Applications. */
  readonly apiGroups: Known<readonly string[]>;
  readonly nodes: Known<readonly KubernetesObject[]>;
  readonly namespaces: Known<readonly KubernetesObject[]>;
  readonly daemonSets: Known<readonly KubernetesObject[]>;
  readonly deployments: Known<readonly KubernetesObject[]>;
  readonly serviceCidrs: Known<readonly KubernetesObject[]>;
  readonly nodePeers: Known<readonly KubernetesObject[]>;
  /** `kube-system/kubeadm-config`; undefined where it is not there. */
  readonly kubeadmConfig: Known<KubernetesObject | undefined>;
  /** The Service by which pods ask their name server, where it is there. */
  readonly dnsServices: Known<readonly KubernetesObject[]>;
  /** ConfigMaps of the name servers in kube-system, as far as they are there. */
  readonly dnsMaps: Known<readonly KubernetesObject[]>;
}

/** Where the cluster is to be connected to. */
export interface PreflightSurroundings {
  /** Name that the cluster will have. */
  readonly name: ClusterName;
  /** True where nothing is ever to be written to it. */
  readonly readOnly: boolean;
  readonly clusters: readonly { readonly id: ClusterName; readonly ranges: ClusterRanges }[];
  readonly domains: readonly Pick<DomainView, 'id' | 'prefixes'>[];
}
