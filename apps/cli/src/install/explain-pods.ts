import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { KubeObject } from '@flatland/kube/client/object';
import { listObjects } from '@flatland/kube/client/objects';
import { Event, Pod } from '@flatland/kube/client/resources';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';

interface PodObject extends KubeObject {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly ready: boolean;
      readonly image: string;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}

interface EventObject extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  readonly lastTimestamp?: string | null;
}

const IMAGE_REASONS = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']);

/** Why pods of Flatland do not get ready, as far as the cluster says it. */
export async function explainPods(
  client: KubeClient,
): Promise<{ readonly cause: string; readonly next: string } | undefined> {
  const namespace = SYSTEM_NAMESPACE;
  const pods = await listObjects<PodObject>(client, Pod, { namespace });
  for (const pod of pods.ok ? pods.value.items : [])
    for (const { image, state } of pod.status?.containerStatuses ?? []) {
      const { reason, message = '' } = state?.waiting ?? {};
      if (reason !== undefined && IMAGE_REASONS.has(reason))
        return {
          cause: `${pod.metadata.name} has no image ${image} (${reason} ${message.slice(0, 200)})`,
          next: 'Make it with npm run image and push it, or import it on each node; --image names another place',
        };
      if (reason === 'CrashLoopBackOff')
        return {
          cause: `${pod.metadata.name} ends again and again`,
          next: `Read why: kubectl -n ${namespace} logs --previous ${pod.metadata.name}`,
        };
    }
  const events = await listObjects<EventObject>(client, Event, { namespace });
  const failed = (events.ok ? events.value.items : [])
    .filter(({ type, reason }) => type === 'Warning' && reason === 'FailedCreate')
    .toSorted((a, b) => ((a.lastTimestamp ?? '') < (b.lastTimestamp ?? '') ? 1 : -1))[0];
  if (failed !== undefined)
    return {
      cause: `${failed.involvedObject?.kind} ${failed.involvedObject?.name} makes no pods: ${failed.message}`,
      next: /PodSecurity/.test(failed.message ?? '')
        ? `Let privileged pods run in ${namespace}: label it pod-security.kubernetes.io/enforce=privileged, or except it from the policy`
        : 'Remove what the text names, and run it again',
    };
  return {
    cause: 'the cluster gives no cause',
    next: `Look at the pods: kubectl -n ${namespace} describe pods`,
  };
}
