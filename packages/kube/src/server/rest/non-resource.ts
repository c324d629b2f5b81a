import {
  aggregatedDiscovery,
  apiGroupList,
  apiResources,
  apiVersions,
  coreDiscovery,
  groupOf,
} from '../discovery/discovery.ts';
import { VERSION } from '../discovery/version.ts';
import type { NonResourceRequest } from '../http/request-info.ts';
import { negotiate } from '../http/negotiation.ts';
import { endWith, sendBytes, sendObject, sendPlain, sendText } from '../http/respond.ts';
import { OPENAPI_V2_PROTOBUF } from '../openapi/openapi-v2-protobuf.ts';
import { methodNotAllowed, noSuchPath, notAcceptable } from '../status/status.ts';
import { metricsText } from './metrics.ts';
import type { RequestContext } from './request-context.ts';

/** What of an Accept header gets which form of `/openapi/v2`. */
const OPENAPI_V2_TYPES: ReadonlyMap<string, string> = new Map([
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['application/json', 'application/json'],
  [OPENAPI_V2_PROTOBUF, OPENAPI_V2_PROTOBUF],
  [OPENAPI_V2_PROTOBUF.replace('.v1.0+', '@v1.0+'), OPENAPI_V2_PROTOBUF],
]);

/** Answers what is no resource: discovery, OpenAPI, version, health, metrics, keys. */
export function handleNonResource(context: RequestContext, { path, verb }: NonResourceRequest): void {
  const { response, state } = context;
  if (verb !== 'get' && verb !== 'head') throw methodNotAllowed();
  const segments = path.split('/').filter((segment) => segment !== '');
  switch (segments[0]) {
    case undefined:
      return sendObject(response, 200, { paths: listPaths(state.registry.all()) });
    case 'api':
    case 'apis':
      return sendDiscovery(context, segments);
    case 'version':
      return sendObject(response, 200, VERSION);
    case 'healthz':
    case 'livez':
    case 'readyz':
      return sendPlain(response, 200, 'ok');
    case 'metrics':
      return sendPlain(response, 200, metricsText(state));
    case 'openapi':
      return sendOpenApi(context, segments);
    case 'openid':
      if (path !== '/openid/v1/jwks') throw noSuchPath();
      return sendJwks(response, state.tokens.jwks());
    default:
      throw noSuchPath();
  }
}

function sendDiscovery(context: RequestContext, segments: readonly string[]): void {
  const { response, request, state } = context;
  const definitions = state.registry.all();
  const [root, group, version] = segments;
  const wanted = negotiate(
    request.headers.accept,
    ({ kind, group: g, version: v }) =>
      segments.length === 1 &&
      kind === 'APIGroupDiscoveryList' &&
      g === 'apidiscovery.k8s.io' &&
      (v === 'v2' || v === 'v2beta1'),
  );
  if (wanted.as) {
    const list =
      root === 'api'
        ? coreDiscovery(definitions, wanted.as.version)
        : aggregatedDiscovery(definitions, wanted.as.version);
    response.setHeader('Vary', 'Accept');
    const type = `application/json;g=apidiscovery.k8s.io;v=${wanted.as.version};as=APIGroupDiscoveryList`;
    const body = Buffer.from(JSON.stringify(list));
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length });
    endWith(response, body);
    return;
  }
  response.setHeader('Vary', 'Accept');
  if (root === 'api') {
    if (group === undefined) return sendObject(response, 200, apiVersions());
    if (group !== 'v1' || version !== undefined) throw noSuchPath();
    return sendObject(response, 200, apiResources(definitions, '', 'v1')!);
  }
  if (group === undefined) return sendObject(response, 200, apiGroupList(definitions));
  const found =
    version === undefined ? groupOf(definitions, group) : apiResources(definitions, group, version);
  if (!found) throw noSuchPath();
  return sendObject(response, 200, found);
}

function sendOpenApi({ request, response, state }: RequestContext, segments: readonly string[]): void {
  if (segments[1] === 'v2' && segments.length === 2) return sendOpenApiV2({ request, response, state });
  if (segments[1] !== 'v3') throw noSuchPath();
  negotiate(request.headers.accept, () => false);
  const name = segments.slice(2).join('/');
  if (name === '') return sendObject(response, 200, state.openApi.index());
  const document = state.openApi.document(name);
  if (!document) throw noSuchPath();
  if (isUnchanged({ request, response }, document.hash)) return;
  return sendText(response, 200, document.json);
}

function sendOpenApiV2({ request, response, state }: Omit<RequestContext, 'query' | 'user'>): void {
  const wanted = (request.headers.accept || '*/*').split(',').map((range) => range.split(';')[0]!.trim());
  const type = wanted.map((range) => OPENAPI_V2_TYPES.get(range)).find((served) => served !== undefined);
  if (type === undefined) throw notAcceptable([...new Set(OPENAPI_V2_TYPES.values())]);
  const { json, hash, protobuf } = state.openApi.v2();
  if (isUnchanged({ request, response }, hash)) return;
  if (type === OPENAPI_V2_PROTOBUF) sendBytes(response, 200, type, protobuf);
  else sendText(response, 200, json);
}

/** Answers 304 to a client that has this version of a document already. */
function isUnchanged(
  { request, response }: Pick<RequestContext, 'request' | 'response'>,
  hash: string,
): boolean {
  const etag = `"${hash}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Vary', 'Accept');
  if (request.headers['if-none-match'] !== etag) return false;
  response.writeHead(304).end();
  return true;
}

function sendJwks(response: RequestContext['response'], keys: object): void {
  const body = Buffer.from(JSON.stringify(keys));
  response.writeHead(200, {
    'Content-Type': 'application/jwk-set+json',
    'Content-Length': body.length,
    'Cache-Control': 'public, max-age=3600',
  });
  endWith(response, body);
}

function listPaths(definitions: readonly { group: string; version: string }[]): string[] {
  const groups = definitions.filter(({ group }) => group !== '');
  return [
    ...new Set([
      '/api',
      '/api/v1',
      '/apis',
      ...groups.flatMap(({ group, version }) => [`/apis/${group}`, `/apis/${group}/${version}`]),
      '/healthz',
      '/livez',
      '/metrics',
      '/openapi/v2',
      '/openapi/v3',
      '/openid/v1/jwks',
      '/readyz',
      '/version',
    ]),
  ];
}
