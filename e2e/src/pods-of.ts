/** Where a workload's pods are, and how they are selected in every world: by the label `app`. */
export interface PodsOf {
  readonly cluster: string;
  readonly namespace: string;
  /** Of the workload. */
  readonly name: string;
  readonly selector: string;
}

/** The pods of a workload, `cluster/namespace/kind/name`. */
export function podsOf(workload: string): PodsOf {
  const [cluster = '', namespace = '', , name = ''] = workload.split('/');
  return { cluster, namespace, name, selector: `app=${name}` };
}
