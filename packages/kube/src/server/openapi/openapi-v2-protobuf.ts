import { WireWriter } from '../http/protobuf/wire-writer.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { isJsonObject } from '../schema/json.ts';

/** Media type of the protobuf form; clients ask for it with `@` as well as with `.` before its version. */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Writes the value of one key of a JSON object into the message that the object becomes. */
type Put = (writer: WireWriter, number: number, value: JsonValue) => void;

interface Message {
  /** Where each key goes; in the order of the field numbers. */
  readonly fields: Readonly<Record<string, readonly [number: number, put: Put]>>;
  /** Field of the keys that begin with `x-`. */
  readonly extensions?: number;
}

// Zeros are not written, as everywhere in proto3.
const text: Put = (writer, number, value) => void (value !== '' && writer.text(number, textOf(value)));
const flag: Put = (writer, number, value) => void (value === true && writer.varint(number, true));
const integer: Put = (writer, number, value) => void (value !== 0 && writer.varint(number, Number(value)));
const double: Put = (writer, number, value) => void (value !== 0 && writer.double(number, Number(value)));
/** gnostic's `Any` holds YAML, and JSON is YAML. */
const any: Put = (writer, number, value) =>
  void writer.bytes(number, new WireWriter().text(2, JSON.stringify(value)).finish());
const all =
  (put: Put): Put =>
  (writer, number, value) => {
    for (const item of Array.isArray(value) ? value : [value]) put(writer, number, item);
  };
const texts = all((writer, number, value) => void writer.text(number, textOf(value)));
const message =
  (shape: () => Message): Put =>
  (writer, number, value) =>
    void writer.bytes(number, write(shape(), isJsonObject(value) ? value : {}));
/** A message whose only field, of number 1 unless said otherwise, holds the value. */
const inside =
  (put: Put, inner = 1): Put =>
  (writer, number, value) => {
    const nested = new WireWriter();
    put(nested, inner, value);
    writer.bytes(number, nested.finish());
  };
/** A map as a list of names and values. */
const named =
  (put: Put): Put =>
  (writer, number, value) => {
    for (const [key, item] of Object.entries(isJsonObject(value) ? value : {})) {
      const entry = new WireWriter().text(1, key);
      put(entry, 2, item);
      writer.bytes(number, entry.finish());
    }
  };

const schema = message(() => SCHEMA);
/** The fields of `AdditionalPropertiesItem`, of which there is always one. */
const schemaOrBool: Put = (writer, number, value) =>
  isJsonObject(value) ? schema(writer, number, value) : void writer.varint(number + 1, value === true);
const SCHEMA: Message = {
  fields: {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, flag],
    minimum: [9, double],
    exclusiveMinimum: [10, flag],
    maxLength: [11, integer],
    minLength: [12, integer],
    pattern: [13, text],
    maxItems: [14, integer],
    minItems: [15, integer],
    uniqueItems: [16, flag],
    maxProperties: [17, integer],
    minProperties: [18, integer],
    required: [19, texts],
    enum: [20, all(any)],
    additionalProperties: [21, inside(schemaOrBool)],
    type: [22, inside(texts)],
    items: [23, inside(schema)],
    properties: [25, inside(named(schema))],
  },
  extensions: 31,
};

/** `BodyParameter` and those of the other places differ in their numbers, so each has a message of its own. */
const BODY: Message = {
  fields: {
    description: [1, text],
    name: [2, text],
    in: [3, text],
    required: [4, flag],
    schema: [5, schema],
  },
};
const QUERY: Message = {
  fields: {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
    uniqueItems: [20, flag],
  },
};
const PATH: Message = {
  fields: {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [5, text],
    uniqueItems: [19, flag],
  },
};

/** `ParametersItem`: a `Parameter`, which is a body or one of the others. */
const parameter: Put = (writer, number, value) => {
  const place = isJsonObject(value) ? value['in'] : undefined;
  if (place === 'body') inside(inside(message(() => BODY)))(writer, number, value);
  else if (place === 'path')
    inside(
      inside(
        inside(
          message(() => PATH),
          4,
        ),
        2,
      ),
    )(writer, number, value);
  else
    inside(
      inside(
        inside(
          message(() => QUERY),
          3,
        ),
        2,
      ),
    )(writer, number, value);
};

const response = inside(message(() => RESPONSE));
const RESPONSE: Message = { fields: { description: [1, text], schema: [2, inside(schema)] } };

const operation = message(() => OPERATION);
const OPERATION: Message = {
  fields: {
    tags: [1, texts],
    description: [3, text],
    operationId: [5, text],
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, all(parameter)],
    responses: [9, inside(named(response))],
    schemes: [10, texts],
  },
  extensions: 13,
};

const PATH_ITEM: Message = {
  fields: {
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    patch: [8, operation],
    parameters: [9, all(parameter)],
  },
};

const INFO: Message = { fields: { title: [1, text], version: [2, text] } };
const API_KEY: Message = {
  fields: { type: [1, text], name: [2, text], in: [3, text], description: [4, text] },
};

const DOCUMENT: Message = {
  fields: {
    swagger: [1, text],
    info: [2, message(() => INFO)],
    paths: [8, inside(named(message(() => PATH_ITEM)), 2)],
    definitions: [9, inside(named(schema))],
    security: [12, all(inside(named(inside(texts))))],
    securityDefinitions: [
      13,
      inside(
        named(
          inside(
            message(() => API_KEY),
            2,
          ),
        ),
      ),
    ],
  },
};

/** An OpenAPI v2 document as gnostic's `openapi.v2.Document`, which is what client-go reads. */
export function openApiV2Protobuf(document: JsonObject): Uint8Array {
  return write(DOCUMENT, document);
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @throws Error for a key that the message has no field for: the document is the server's own. */
function write({ fields, extensions }: Message, object: JsonObject): Uint8Array {
  const writer = new WireWriter();
  for (const key of Object.keys(object)) {
    const isKnown = Object.hasOwn(fields, key) || (extensions !== undefined && key.startsWith('x-'));
    if (!isKnown) throw new Error(`no protobuf field for ${key} of an OpenAPI v2 document`);
  }
  for (const [key, [number, put]] of Object.entries(fields)) {
    if (Object.hasOwn(object, key)) put(writer, number, object[key]!);
  }
  if (extensions === undefined) return writer.finish();
  for (const [key, value] of Object.entries(object)) {
    if (!key.startsWith('x-')) continue;
    const entry = new WireWriter().text(1, key);
    any(entry, 2, value);
    writer.bytes(extensions, entry.finish());
  }
  return writer.finish();
}
