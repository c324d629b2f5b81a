const POD_UID = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;

/** True for what Kubernetes gives as a pod's uid: nothing that could mean more in a path or a command. */
export function isPodUid(text: string): boolean {
  return POD_UID.test(text);
}

/** Knows where pods' sandboxes are. */
export interface PodRuntime {
  /** Path of the pod's network namespace; `undefined` while its sandbox is not there. */
  networkNamespace(podUid: string): Promise<string | undefined>;
  /** Calls when a pod's sandbox came or went. Returns the end of it. */
  watch(listener: (podUid: string) => void): () => void;
}

/** Name under /run/netns of a pod's network namespace, by which the lab's kubelet publishes it. */
export function podNamespaceName(podUid: string): string {
  return `pod-${podUid}`;
}
