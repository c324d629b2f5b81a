import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ResourceContext } from '../rest/request-context.ts';
import { openStream } from '../rest/subresources/forward-http.ts';
import { findContainer } from '../rest/subresources/pod-container.ts';
import { proxyTarget } from '../rest/subresources/proxy.ts';
import type { ServerState } from '../rest/server-state.ts';
import { badRequest, forbidden, internalError, noSuchPath, StatusError } from '../status/status.ts';
import type { Admitted } from './handler.ts';
import { admit } from './handler.ts';
import { offeredSubprotocols } from './authenticate.ts';

/** Subprotocols of exec that kubelets here speak. */
const EXEC_SUBPROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Answers a request to switch protocols: exec over WebSocket, and WebSockets to a pod's port. Never rejects. */
export async function handleUpgrade(
  state: ServerState,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const target = await upgradeTarget(state, request);
    splice({ request, socket, head }, target);
  } catch (error) {
    if (!(error instanceof StatusError)) state.onError(error);
    const { status } =
      error instanceof StatusError ? error : internalError('the server failed to answer; see its log');
    const body = `${JSON.stringify(status)}\n`;
    const reason = STATUS_CODES[status.code] ?? 'Error';
    socket.end(
      `HTTP/1.1 ${status.code} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
}

interface UpgradeTarget {
  readonly stream: Duplex;
  readonly path: string;
  readonly host: string;
  readonly subprotocols: readonly string[];
}

async function upgradeTarget(state: ServerState, request: IncomingMessage): Promise<UpgradeTarget> {
  const admitted = admit(state, request);
  const { info, user } = admitted;
  if (!info.isResource || info.group !== '' || info.resource !== 'pods') throw noSuchPath();
  const definition = state.registry.find(info.group, info.version, info.resource);
  if (!definition || info.namespace === '') throw noSuchPath();
  const context: Omit<ResourceContext, 'response'> = {
    state,
    request,
    query: admitted.query,
    user,
    info,
    definition,
  };
  if (info.subresource === 'exec') return execTarget(context as ResourceContext, admitted);
  if (info.subresource !== 'proxy') throw noSuchPath();
  const { connect, path, host, what } = proxyTarget(context as ResourceContext);
  return {
    stream: await openStream({ connect, what }),
    path,
    host,
    subprotocols: offeredSubprotocols(request.headers),
  };
}

async function execTarget(context: ResourceContext, { query, user }: Admitted): Promise<UpgradeTarget> {
  const { info, state, request } = context;
  if ((request.headers.upgrade ?? '').toLowerCase() !== 'websocket') {
    throw badRequest(
      'exec is served over WebSocket only; this client asked for ' +
        JSON.stringify(request.headers.upgrade ?? ''),
    );
  }
  const { allowed } = state.authorizer.authorize(user, { ...info, verb: 'create' });
  if (!allowed && info.verb !== 'create') {
    throw forbidden(
      { group: '', name: 'pods' },
      info.name,
      `User ${JSON.stringify(user.username)} cannot create resource "pods/exec" in API group "" in the namespace ${JSON.stringify(info.namespace)}`,
    );
  }
  const subprotocols = offeredSubprotocols(request.headers).filter((protocol) =>
    EXEC_SUBPROTOCOLS.includes(protocol),
  );
  if (subprotocols.length === 0)
    throw badRequest(`exec needs one of the subprotocols ${EXEC_SUBPROTOCOLS.join(', ')}`);
  const { nodeName, container } = findContainer(context);
  const wanted = new URLSearchParams();
  for (const command of query.getAll('command')) wanted.append('command', command);
  if (!wanted.has('command')) throw badRequest('you must specify at least one command for the container');
  for (const [ours, kubelets] of [
    ['stdin', 'input'],
    ['stdout', 'output'],
    ['stderr', 'error'],
    ['tty', 'tty'],
  ] as const) {
    if (/^(?:1|t|true)$/i.test(query.get(ours) ?? '')) wanted.set(kubelets, '1');
  }
  const path = `/exec/${[info.namespace, info.name, container].map(encodeURIComponent).join('/')}?${wanted.toString()}`;
  const what = `the kubelet of node ${nodeName}`;
  const stream = await openStream({ connect: () => state.kubelets.connectKubelet(nodeName), what });
  return { stream, path, host: nodeName, subprotocols };
}

/** Repeats the handshake to the target and then joins the two streams: what follows is theirs. */
function splice(
  client: { request: IncomingMessage; socket: Duplex; head: Buffer },
  target: UpgradeTarget,
): void {
  const { request, socket, head } = client;
  const { stream, path, host, subprotocols } = target;
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    `Upgrade: ${request.headers.upgrade ?? 'websocket'}`,
  ];
  for (const name of [
    'sec-websocket-key',
    'sec-websocket-version',
    'sec-websocket-extensions',
    'origin',
    'user-agent',
  ] as const) {
    const value = request.headers[name];
    if (typeof value === 'string') lines.push(`${name}: ${value}`);
  }
  if (subprotocols.length > 0) lines.push(`Sec-WebSocket-Protocol: ${subprotocols.join(', ')}`);
  stream.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) stream.write(head);
  stream.on('error', () => socket.destroy()).on('close', () => socket.end());
  socket.on('close', () => stream.destroy());
  stream.pipe(socket);
  socket.pipe(stream);
}
