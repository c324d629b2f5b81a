/** What every Kubernetes object carries (`meta/v1` ObjectMeta), as far as this client looks at it. */
export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly generateName?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | null | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly managedFields?: readonly unknown[] | undefined;
};

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
};

/** Any object of the API. */
export type KubeObject = {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
};

/** One page of a LIST (`meta/v1` ListMeta and items). */
export type KubeList<T = KubeObject> = {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata: {
    readonly resourceVersion?: string | undefined;
    readonly continue?: string | undefined;
    readonly remainingItemCount?: number | undefined;
  };
  readonly items: readonly T[];
};

/** Where an object is: its name, and its namespace when its kind has one. */
export type ObjectRef = { readonly name: string; readonly namespace?: string } | undefined;

/** Where an object of a namespaced kind is. */
export type NamespacedRef = { readonly name: string; readonly namespace: string };

/** Where an object is, of what names it: a namespace that is not there is left out, as that of a cluster-wide object. */
export function refOf({
  name,
  namespace,
}: {
  readonly name: string;
  readonly namespace?: string | undefined;
}): NonNullable<ObjectRef> {
  return namespace === undefined ? { name } : { name, namespace };
}
