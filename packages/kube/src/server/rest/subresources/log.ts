import { badRequest } from '../../status/status.ts';
import type { ResourceContext } from '../request-context.ts';
import { forwardHttp } from './forward-http.ts';
import { findContainer } from './pod-container.ts';

const OPTIONS = ['follow', 'limitBytes', 'previous', 'sinceSeconds', 'sinceTime', 'tailLines', 'timestamps'];
const COUNTS = ['limitBytes', 'sinceSeconds', 'tailLines'];

/** Answers `pods/NAME/log` with what the node's kubelet has, following it if asked. */
export async function handleLog(context: ResourceContext): Promise<void> {
  const { info, query, request, response, state } = context;
  const { nodeName, container } = findContainer(context);
  const wanted = new URLSearchParams();
  for (const name of OPTIONS) {
    const value = query.get(name);
    if (value === null) continue;
    if (COUNTS.includes(name) && !/^\d{1,15}$/.test(value))
      throw badRequest(`invalid value for ${name}: ${JSON.stringify(value)}`);
    wanted.set(name, value);
  }
  const path = `/containerLogs/${[info.namespace, info.name, container].map(encodeURIComponent).join('/')}`;
  await forwardHttp(request, response, {
    connect: () => state.kubelets.connectKubelet(nodeName),
    path: wanted.size === 0 ? path : `${path}?${wanted.toString()}`,
    host: nodeName,
    what: `the kubelet of node ${nodeName}`,
  });
}
