import type { KubeObject } from '../../model/kube-object.ts';
import { readPath } from '../../model/read-path.ts';
import { badRequest, notFound } from '../../status/status.ts';
import { storageName } from '../../kinds/registry.ts';
import type { ResourceContext } from '../request-context.ts';
import type { ForwardTarget } from './forward-http.ts';
import { forwardHttp } from './forward-http.ts';

/** Answers `pods/NAME[:PORT]/proxy/…`: the same request to a port of the pod, whatever its method. */
export async function handleProxy(context: ResourceContext): Promise<void> {
  await forwardHttp(context.request, context.response, proxyTarget(context));
}

/**
 * Where a proxy request goes. The name may be `SCHEME:NAME:PORT`, `NAME:PORT` or `NAME`; without a port it is the
 * first one that the pod's containers name.
 *
 * @throws StatusError 400 or 404
 */
export function proxyTarget({ definition, info, query, state, request }: ResourceContext): ForwardTarget {
  const [scheme, name, port] = splitName(info.name);
  if (scheme !== '' && scheme !== 'http') throw badRequest(`the pod proxy speaks http only, not ${scheme}`);
  const pod = state.store.get({ resource: storageName(definition), namespace: info.namespace, name })?.object;
  if (!pod) throw notFound({ group: '', name: 'pods' }, name);
  const number = portOf(pod, port);
  const podIP = textAt(pod, ['status', 'podIP']);
  const nodeName = textAt(pod, ['spec', 'nodeName']);
  if (nodeName === '') throw badRequest(`pod ${name} does not have a host assigned`);
  const search = query.size === 0 ? '' : `?${(request.url ?? '').split('?').slice(1).join('?')}`;
  const target = {
    nodeName,
    namespace: info.namespace,
    name,
    uid: pod.metadata.uid ?? '',
    podIP,
    port: number,
  };
  return {
    connect: () => state.kubelets.connectPod(target),
    path: `${info.rest === '' ? '/' : info.rest}${search}`,
    host: `${podIP.includes(':') ? `[${podIP}]` : podIP || name}:${number}`,
    what: `port ${number} of pod ${name}`,
  };
}

function splitName(text: string): [scheme: string, name: string, port: string] {
  const parts = text.split(':');
  if (parts.length === 1) return ['', text, ''];
  if (parts.length === 2) return ['', parts[0]!, parts[1]!];
  if (parts.length === 3) return [parts[0]!, parts[1]!, parts[2]!];
  throw badRequest(`invalid pod request ${JSON.stringify(text)}`);
}

interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
}

function portOf(pod: KubeObject, asked: string): number {
  if (/^\d{1,5}$/.test(asked) && Number(asked) > 0 && Number(asked) < 65536) return Number(asked);
  const containers =
    (readPath(pod, ['spec', 'containers']) as { ports?: ContainerPort[] }[] | undefined) ?? [];
  const ports = containers.flatMap((container) => container.ports ?? []);
  const found = asked === '' ? ports[0] : ports.find(({ name }) => name === asked);
  if (found) return found.containerPort;
  if (asked === '') return 80;
  throw badRequest(`pod ${pod.metadata.name} names no port ${JSON.stringify(asked)}`);
}

function textAt(object: KubeObject, path: readonly string[]): string {
  const value = readPath(object, path);
  return typeof value === 'string' ? value : '';
}
