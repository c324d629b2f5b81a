import { VERSION } from '../discovery/version.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { isJsonObject } from '../schema/json.ts';
import { definitionOf } from './openapi-v2-schema.ts';

const V3_PREFIX = '#/components/schemas/';
const METHODS = ['delete', 'get', 'patch', 'post', 'put'];

/** The OpenAPI v2 document of the same paths and components as OpenAPI v3 has them, as kube-apiserver lays it out. */
export function openApiV2(
  paths: Readonly<Record<string, JsonObject>>,
  components: Readonly<Record<string, JsonObject>>,
): JsonObject {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: VERSION.gitVersion },
    paths: mapEntries(paths, (_path, item) => pathItem(item)),
    definitions: mapEntries(components, definitionOf),
    securityDefinitions: {
      BearerToken: {
        type: 'apiKey',
        name: 'authorization',
        in: 'header',
        description: 'Bearer Token authentication',
      },
    },
    security: [{ BearerToken: [] }],
  };
}

function pathItem(item: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const method of METHODS) {
    const operation = item[method];
    if (isJsonObject(operation)) result[method] = operationOf(operation);
  }
  if (Array.isArray(item['parameters'])) result['parameters'] = item['parameters'].map(parameterOf);
  return result;
}

function operationOf(operation: JsonObject): JsonObject {
  const { requestBody, responses, parameters, ...kept } = operation;
  const body = isJsonObject(requestBody) ? requestBody : undefined;
  const contents = isJsonObject(body?.['content']) ? body['content'] : {};
  const consumes = Object.keys(contents);
  const [content] = Object.values(contents);
  return {
    ...kept,
    consumes: consumes.length > 0 ? consumes : ['*/*'],
    produces: ['application/json', 'application/yaml'],
    schemes: ['https'],
    parameters: [
      ...(isJsonObject(content)
        ? [
            {
              name: 'body',
              in: 'body',
              ...(body?.['required'] === true && { required: true }),
              schema: referenceOf(content) ?? {},
            },
          ]
        : []),
      ...(Array.isArray(parameters) ? parameters.map(parameterOf) : []),
    ],
    responses: mapEntries(isJsonObject(responses) ? responses : {}, (_code, response) =>
      responseOf(response),
    ),
  };
}

/** A parameter that is no body says its type beside its name. */
function parameterOf(parameter: JsonValue): JsonObject {
  if (!isJsonObject(parameter)) return {};
  const { schema, ...kept } = parameter;
  return { ...kept, ...(isJsonObject(schema) && schema) };
}

function responseOf({ description = '', content }: JsonObject): JsonObject {
  const [first] = isJsonObject(content) ? Object.values(content) : [];
  const schema = isJsonObject(first) ? referenceOf(first) : undefined;
  return { description, ...(schema && { schema }) };
}

function referenceOf({ schema }: JsonObject): JsonObject | undefined {
  const target = isJsonObject(schema) ? schema['$ref'] : undefined;
  return typeof target === 'string' ? { $ref: `#/definitions/${target.slice(V3_PREFIX.length)}` } : undefined;
}

function mapEntries(
  object: Readonly<Record<string, JsonValue>>,
  change: (key: string, value: JsonObject) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(key, isJsonObject(value) ? value : {})]),
  );
}
