import type { KubeObject } from '../../model/kube-object.ts';
import { readPath } from '../../model/read-path.ts';
import { badRequest, notFound } from '../../status/status.ts';
import { keyOf } from '../read-write.ts';
import type { ResourceContext } from '../request-context.ts';

/** A container of a pod that runs on a node. */
export interface PodContainer {
  readonly pod: KubeObject;
  readonly nodeName: string;
  readonly container: string;
}

/**
 * Finds the container that a log or exec request means: the named one, or the only one.
 *
 * @throws StatusError 404 without the pod, 400 where the container or the node is not clear
 */
export function findContainer(context: ResourceContext): PodContainer {
  const pod = context.state.store.get(keyOf(context))?.object;
  const { name } = context.info;
  if (!pod) throw notFound({ group: '', name: 'pods' }, name);
  const container = chooseContainer(pod, context.query.get('container') ?? '');
  const nodeName = readPath(pod, ['spec', 'nodeName']);
  if (typeof nodeName !== 'string' || nodeName === '')
    throw badRequest(`pod ${name} does not have a host assigned`);
  return { pod, nodeName, container };
}

function chooseContainer(pod: KubeObject, asked: string): string {
  const { name } = pod.metadata;
  const containers = namesAt(pod, 'containers');
  const others = [...namesAt(pod, 'initContainers'), ...namesAt(pod, 'ephemeralContainers')];
  if (asked !== '') {
    if ([...containers, ...others].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [only] = containers;
  if (containers.length === 1 && only !== undefined) return only;
  if (only === undefined) throw badRequest(`a container name must be specified for pod ${name}`);
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`,
  );
}

function namesAt(pod: KubeObject, field: string): string[] {
  const list = readPath(pod, ['spec', field]);
  return Array.isArray(list) ? list.map((container: { name: string }) => container.name) : [];
}
