import type { JsonObject } from '../../schema/json.ts';
import { parseApiVersion } from '../../model/kube-object.ts';
import { badRequest, unsupportedMediaType } from '../../status/status.ts';
import { decodeMessage } from './decode-message.ts';
import { messageShape } from './message-fields.ts';
import { readFields, WireError } from './wire-reader.ts';

export const PROTOBUF_MEDIA_TYPE = 'application/vnd.kubernetes.protobuf';

/** `k8s\0`: what every protobuf body of Kubernetes begins with. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/**
 * Parses a body in Kubernetes' protobuf encoding (`runtime.Unknown` after a magic number), as typed clients send it
 * for built-in kinds, into JSON.
 *
 * @throws StatusError 400, or 415 for a kind whose message is not known
 */
export function decodeObjectBody(body: Buffer): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw badRequest('the body is not a Kubernetes protobuf message');
  try {
    const { apiVersion, kind, raw } = readEnvelope(body.subarray(MAGIC.length));
    const name = messageName(apiVersion, kind);
    if (!messageShape(name)) throw unsupportedMediaType(['application/json', 'application/yaml']);
    return { apiVersion, kind, ...decodeMessage(name, raw) };
  } catch (error) {
    if (error instanceof WireError) throw badRequest(`error decoding the body as protobuf: ${error.message}`);
    throw error;
  }
}

function readEnvelope(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array();
  for (const field of readFields(bytes)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 2) raw = field.value;
    if (field.number !== 1) continue;
    for (const part of readFields(field.value)) {
      if (part.kind !== 'bytes') continue;
      if (part.number === 1) apiVersion = Buffer.from(part.value).toString('utf8');
      if (part.number === 2) kind = Buffer.from(part.value).toString('utf8');
    }
  }
  return { apiVersion, kind, raw };
}

/** `apps/v1` Deployment is `apps.v1.Deployment`; DeleteOptions are of meta/v1 in every group. */
function messageName(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return 'meta.v1.DeleteOptions';
  const { group, version } = parseApiVersion(apiVersion);
  const short = group === '' ? 'core' : group.replace(/\..*$/, '');
  return `${short}.${version}.${kind}`;
}
