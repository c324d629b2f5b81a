import { notAcceptable } from '../status/status.ts';

/** The form in which an answer is wanted. */
export interface Negotiated {
  readonly format: 'json' | 'yaml';
  /** A conversion asked for by `as=`, such as Table. */
  readonly as?: Conversion;
}

export interface Conversion {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
}

/** Which conversions an endpoint can make; others in the Accept header are passed over. */
export type CanConvert = (conversion: Conversion) => boolean;

const MEDIA_TYPES = ['application/json', 'application/yaml'];

/**
 * Picks the first acceptable media range of an Accept header, as Kubernetes does: in order of appearance,
 * without weights, passing over what the server has not (protobuf among it).
 *
 * @throws StatusError 406
 */
export function negotiate(accept: string | undefined, canConvert: CanConvert): Negotiated {
  if (accept === undefined || accept.trim() === '') return { format: 'json' };
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const format = formatOf(type);
    if (!format) continue;
    const fields = new Map(parameters.map((parameter) => splitOnce(parameter, '=')));
    const kind = fields.get('as');
    if (kind === undefined) return { format };
    const as = { kind, group: fields.get('g') ?? '', version: fields.get('v') ?? '' };
    if (canConvert(as)) return { format, as };
  }
  throw notAcceptable(MEDIA_TYPES);
}

/** The conversions that every object and list has. */
export function isMetaConversion({ kind, group, version }: Conversion): boolean {
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return false;
  return kind === 'Table' || kind === 'PartialObjectMetadata' || kind === 'PartialObjectMetadataList';
}

function formatOf(type: string): Negotiated['format'] | undefined {
  if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0
    ? [text, '']
    : [
        text.slice(0, at).trim(),
        text
          .slice(at + 1)
          .trim()
          .replace(/^"|"$/g, ''),
      ];
}
