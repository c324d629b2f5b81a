import type { IncomingMessage } from 'node:http';
import { parseDocument } from 'yaml';
import { decodeObjectBody, PROTOBUF_MEDIA_TYPE } from './protobuf/decode-object-body.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { isJsonObject } from '../schema/json.ts';
import { nestsDeeper } from '../schema/nesting.ts';
import { badRequest, StatusError, tooLarge, unsupportedMediaType } from '../status/status.ts';

/** Kubernetes' own limit for a request body. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
const MAX_DEPTH = 128;
/** Brackets in texts count too, hence more of them. */
const MAX_YAML_BRACKETS = 1000;
/** A YAML text costs far more to parse than a JSON one of its size. */
const MAX_YAML_BYTES = 1024 * 1024;

/**
 * Reads a request's body whole.
 *
 * @throws StatusError 413 when it is longer than {@link MAX_BODY_BYTES}
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > MAX_BODY_BYTES) throw tooLarge(`limit is ${MAX_BODY_BYTES}`);
  const chunks: Buffer[] = [];
  let nBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    nBytes += chunk.length;
    if (nBytes > MAX_BODY_BYTES) throw tooLarge(`limit is ${MAX_BODY_BYTES}`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The media type of a Content-Type header, without parameters, in lower case. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]!.trim().toLowerCase();
}

/**
 * Parses a body that holds one object, in JSON, YAML or protobuf as its content type says (JSON without one).
 *
 * @throws StatusError 400 or 415
 */
export function parseObjectBody(body: Buffer, contentType: string | undefined): JsonObject {
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === 'application/yaml') return asObject(parseYaml(body));
  if (mediaType === '' || mediaType === 'application/json') return asObject(parseJson(body));
  if (mediaType === PROTOBUF_MEDIA_TYPE) return decodeObjectBody(body);
  throw unsupportedMediaType(['application/json', 'application/yaml', PROTOBUF_MEDIA_TYPE]);
}

/**
 * Parses JSON of bounded depth.
 *
 * @throws StatusError 400
 */
export function parseJson(body: Buffer): JsonValue {
  const text = body.toString('utf8');
  checkDepth(text);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw badRequest(`error decoding the body as JSON: ${messageOf(error)}`);
  }
}

/**
 * Parses one YAML document of bounded size, depth and aliases. JSON is YAML too, and is parsed as JSON.
 *
 * @throws StatusError 400
 */
export function parseYaml(body: Buffer): JsonValue {
  const text = body.toString('utf8');
  if (/^\s*[{[]/.test(text)) {
    checkDepth(text);
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // YAML's flow style also begins with a brace.
    }
  }
  if (body.length > MAX_YAML_BYTES) throw tooLarge(`limit for YAML is ${MAX_YAML_BYTES}`);
  checkYamlDepth(text);
  const document = parseDocument(text, { uniqueKeys: true, logLevel: 'silent' });
  const [problem] = document.errors;
  if (problem) throw badRequest(`error decoding the body as YAML: ${problem.message.split('\n')[0]}`);
  try {
    const value = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null') as JsonValue;
    if (nestsDeeper(value, MAX_DEPTH)) throw tooDeep();
    return value;
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`error decoding the body as YAML: ${messageOf(error)}`);
  }
}

function asObject(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) throw badRequest('the body of the request is not an object');
  return value;
}

/** Refuses nesting that would exhaust the stack of whatever walks the value. */
function checkDepth(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) throw tooDeep();
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
  }
}

/** The same for YAML, before its parser sees it: by indentation, by dashes, and by brackets wherever they stand. */
function checkYamlDepth(text: string): void {
  const indents: number[] = [];
  let brackets = 0;
  for (const line of text.split('\n')) {
    const body = line.replace(/^[ -]*/, '');
    if (body.trim() === '') continue;
    const indent = line.length - body.length;
    while (indents.length > 0 && indents.at(-1)! >= indent) indents.pop();
    indents.push(indent);
    const dashes = line.slice(0, indent).split('-').length - 1;
    for (let index = 0; index < body.length; index++) {
      const code = body.charCodeAt(index);
      if (code === OPEN_BRACE || code === OPEN_BRACKET) brackets++;
      else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && brackets > 0) brackets--;
    }
    if (indents.length + dashes > MAX_DEPTH || brackets > MAX_YAML_BRACKETS) throw tooDeep();
  }
}

function tooDeep() {
  return badRequest(`the body is nested deeper than ${MAX_DEPTH} levels`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
