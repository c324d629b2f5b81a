import { err, ok, type Result } from '../result.ts';

/** Annotation of a Pod, a pod template or a Namespace that asks Network Service Mesh for network services. */
export const NSM_ANNOTATION = 'networkservicemesh.io';

/** One network service that a workload asks for: `kernel://red@my.aws-east/ns-red?app=web`. */
export interface NsmRequest {
  readonly mechanism: 'kernel' | 'memif' | 'vfio';
  readonly service: string;
  /** The interdomain part, after `@`: where the service is registered. Absent: in the workload's own cluster. */
  readonly registry?: string;
  /** Name of the interface; NSM chooses one where it is absent. */
  readonly interfaceName?: string;
  /** Labels of the connection. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Longest annotation that is read. */
const MAX_CHARS = 4096;
const URL_FORM = /^([A-Za-z]+):\/\/([^@/?#\s]+)(?:@([^@/?#\s]+))?(?:\/([^?#\s]*))?(?:\?([^#\s]*))?$/;
const MECHANISMS: Readonly<Record<string, NsmRequest['mechanism']>> = {
  kernel: 'kernel',
  memif: 'memif',
  vfio: 'vfio',
};

/** Reads the annotation's value: URLs with commas between. The error says which part cannot be read. */
export function parseNsmAnnotation(text: string): Result<NsmRequest[], string> {
  if (text.length > MAX_CHARS) return err(`the annotation is longer than ${MAX_CHARS} characters`);
  const requests: NsmRequest[] = [];
  for (const part of text.split(',').map((entry) => entry.trim())) {
    const request = parseRequest(part);
    if (!request.ok) return request;
    requests.push(request.value);
  }
  return ok(requests);
}

/** The annotation's value for some requests, in their order. */
export function writeNsmAnnotation(requests: readonly NsmRequest[]): string {
  return requests.map(writeRequest).join(',');
}

function parseRequest(text: string): Result<NsmRequest, string> {
  const shown = JSON.stringify(text.slice(0, 64));
  const match = URL_FORM.exec(text);
  const [, scheme = '', service = '', registry, path = '', query = ''] = match ?? [];
  const mechanism = Object.hasOwn(MECHANISMS, scheme.toLowerCase())
    ? MECHANISMS[scheme.toLowerCase()]
    : undefined;
  if (match === null) return err(`${shown} is not of the form MECHANISM://SERVICE[@DOMAIN][/INTERFACE]`);
  if (mechanism === undefined) return err(`${shown} names no mechanism that NSM has: kernel, memif or vfio`);
  const interfaceName = path.split('/').at(-1) ?? '';
  return ok({
    mechanism,
    service,
    ...(registry !== undefined && { registry }),
    ...(interfaceName !== '' && { interfaceName }),
    labels: parseLabels(query),
  });
}

function parseLabels(query: string): Record<string, string> {
  const pairs = query.split('&').filter((pair) => pair !== '');
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

function writeRequest({ mechanism, service, registry, interfaceName, labels }: NsmRequest): string {
  const query = Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
  const where = registry === undefined ? service : `${service}@${registry}`;
  return `${mechanism}://${where}${interfaceName === undefined ? '' : `/${interfaceName}`}${query === '' ? '' : `?${query}`}`;
}
