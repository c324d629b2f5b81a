/** What a request asks for, read from its method and path alone (apiserver's `RequestInfo`). */
export type RequestInfo = ResourceRequest | NonResourceRequest;

export interface ResourceRequest {
  readonly isResource: true;
  readonly path: string;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** '' at cluster scope and across all namespaces. For the resource `namespaces` it is the name. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows `pods/NAME/proxy`, with its leading slash; '' elsewhere. */
  readonly rest: string;
}

export interface NonResourceRequest {
  readonly isResource: false;
  readonly path: string;
  /** The method in lower case. */
  readonly verb: string;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Subresources of a namespace; any other word after its name is a resource inside it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/**
 * Reads method, path and query. Gives undefined for a path that is not well encoded.
 * `/api/VERSION/…` and `/apis/GROUP/VERSION/…` with something after the version are resource requests.
 */
export function parseRequestInfo(
  method: string,
  path: string,
  query: URLSearchParams,
): RequestInfo | undefined {
  const segments = decodeSegments(path);
  if (!segments) return undefined;
  const nonResource: NonResourceRequest = { isResource: false, path, verb: method.toLowerCase() };
  const [root] = segments;
  if (root !== 'api' && root !== 'apis') return nonResource;
  const [group, version, ...parts] = root === 'api' ? ['', ...segments.slice(1)] : segments.slice(1);
  if (group === undefined || version === undefined || parts.length === 0) return nonResource;
  return resourceRequest({ method, path, query, group, version, parts });
}

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly group: string;
  readonly version: string;
  readonly parts: readonly string[];
}

function resourceRequest({ method, path, query, group, version, parts }: Parts): ResourceRequest {
  let namespace = '';
  let rest = parts;
  if (parts[0] === 'namespaces' && parts[1] !== undefined) {
    namespace = parts[1];
    if (parts[2] !== undefined && !NAMESPACE_SUBRESOURCES.has(parts[2])) rest = parts.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...tail] = rest;
  const proxied = subresource === 'proxy' ? proxyTail(path) : tail.map((part) => `/${part}`).join('');
  const verb = verbOf(method, name, query);
  return {
    isResource: true,
    path,
    verb,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    rest: proxied,
  };
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  const verb = VERBS[method] ?? method.toLowerCase();
  if (name !== '') return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** Reads a boolean parameter as Go's ParseBool does; anything else is false. */
export function isTrue(value: string | null): boolean {
  return value !== null && /^(?:1|t|T|TRUE|true|True)$/.test(value);
}

/** The path after `…/proxy` as it came, still encoded: what it means is the pod's business. */
function proxyTail(path: string): string {
  const at = path.indexOf('/proxy');
  return at < 0 ? '' : path.slice(at + '/proxy'.length);
}

function decodeSegments(path: string): string[] | undefined {
  try {
    const segments = path.replace(/^\/+/, '').split('/').map(decodeURIComponent);
    if (segments.at(-1) === '') segments.pop();
    return segments;
  } catch {
    return undefined;
  }
}
