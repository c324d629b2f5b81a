/** Where the console is reached, and so what its own requests carry. */
export interface OwnOrigins {
  /** Values of `Host`. */
  readonly hosts: ReadonlySet<string>;
  /** Values of `Origin`. */
  readonly origins: ReadonlySet<string>;
}

/** The names of this machine under which a console on a port is reached. */
export function ownOrigins(port: number): OwnOrigins {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  return { hosts: new Set(hosts), origins: new Set(hosts.map((host) => `http://${host}`)) };
}

/** What of a request the checks look at. */
export interface RequestFacts {
  readonly method: string;
  readonly host: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type Refused = { readonly status: 403 | 405 | 415 | 421; readonly message: string };

/** The header that only a script of the same origin, or a program, can set without asking first (CORS preflight). */
export const CONSOLE_HEADER = 'x-flatland';

/**
 * Refuses a request that did not come to one of the console's own names: a page that made its own name resolve to
 * 127.0.0.1 (DNS rebinding) sends that name.
 */
export function refuseForeignHost(request: RequestFacts, own: OwnOrigins): Refused | undefined {
  if (request.host !== undefined && own.hosts.has(request.host.toLowerCase())) return undefined;
  return { status: 421, message: 'This server does not answer to that name' };
}

/** Refuses a call that a page of another origin made the browser send. */
export function refuseForeignOrigin(request: RequestFacts, own: OwnOrigins): Refused | undefined {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && (typeof origin !== 'string' || !own.origins.has(origin.toLowerCase()))) {
    return { status: 403, message: 'Calls from pages of other origins are refused' };
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return { status: 403, message: 'Calls from pages of other sites are refused' };
  }
  return undefined;
}

/**
 * Refuses a call that a form or a simple request could be: only GET, and POST of JSON with the console's own
 * header, which no page of another origin can send unasked. tRPC by itself takes `multipart/form-data`.
 */
export function refuseSimpleRequest(request: RequestFacts): Refused | undefined {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  if (request.method !== 'POST') return { status: 405, message: 'Only GET and POST are served' };
  const type = request.headers['content-type'];
  if (typeof type !== 'string' || !/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type)) {
    return { status: 415, message: 'Calls are JSON' };
  }
  if (request.headers[CONSOLE_HEADER] !== '1') {
    return { status: 403, message: `Calls carry the header ${CONSOLE_HEADER}: 1` };
  }
  return undefined;
}

/** Headers by which a proxy would say who the caller is. There is none in front, so a caller made them up. */
export function isUntrustedHeader(name: string): boolean {
  return (
    /^(impersonate-|x-remote-|x-forwarded-)/.test(name) ||
    name === 'forwarded' ||
    name === 'x-real-ip' ||
    name === 'x-http-method-override'
  );
}
