import { parseObjectBody, readBody } from '../../http/read-body.ts';
import { sendObject } from '../../http/respond.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { formatTime } from '../../model/kube-object.ts';
import { readPath } from '../../model/read-path.ts';
import { badRequest, conflict, notFound, success } from '../../status/status.ts';
import { keyOf } from '../read-write.ts';
import type { ResourceContext } from '../request-context.ts';

const PODS = { group: '', name: 'pods' };

/** Answers `pods/NAME/binding`: a scheduler's word on which node the pod runs. Once bound, a pod stays. */
export async function handleBinding(context: ResourceContext): Promise<void> {
  const { info, request, response, state } = context;
  const body = parseObjectBody(await readBody(request), request.headers['content-type']);
  const node = readPath(body, ['target', 'name']);
  const uid = readPath(body, ['metadata', 'uid']);
  if (typeof node !== 'string' || node === '') throw badRequest('target.name must name the node');
  await state.store.write((transaction) => {
    const existing = transaction.get(keyOf(context));
    if (!existing) throw notFound(PODS, info.name);
    const pod = existing.object;
    if (typeof uid === 'string' && uid !== '' && uid !== pod.metadata.uid) {
      throw conflict(
        PODS,
        info.name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`,
      );
    }
    if (pod.metadata.deletionTimestamp !== undefined)
      throw conflict(PODS, info.name, `pod ${info.name} is being deleted, cannot be assigned to a host`);
    const bound = readPath(pod, ['spec', 'nodeName']);
    if (typeof bound === 'string' && bound !== '') {
      throw conflict(
        PODS,
        info.name,
        `pod ${info.name} is already assigned to node ${JSON.stringify(bound)}`,
      );
    }
    return transaction.put(existing, boundPod(pod, node, state.nowMs()));
  });
  sendObject(response, 201, { ...success(), code: 201 });
}

function boundPod(pod: KubeObject, node: string, nowMs: number): KubeObject {
  const status = (pod['status'] as { conditions?: { type: string }[] } | undefined) ?? {};
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(nowMs),
  };
  return {
    ...pod,
    spec: { ...(pod['spec'] as object), nodeName: node },
    status: { ...status, conditions: [...others, scheduled] },
  };
}
