import { z } from 'zod';

/** An OpenAPI v3 schema as a CRD carries it. */
export type OpenApiSchema = { [key: string]: unknown };

/**
 * Structural schema (Kubernetes' sense) of a zod schema's input: closed objects lose
 * `additionalProperties`, open ones keep unknown fields, and every property keeps its description,
 * list type and validation rules, which the zod schema carries as metadata.
 */
export function structuralSchema(schema: z.ZodType): OpenApiSchema {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'openapi-3.0',
    reused: 'inline',
  }) as OpenApiSchema;
  return clean(json);
}

function clean(node: OpenApiSchema): OpenApiSchema {
  const out: OpenApiSchema = {};
  for (const key of Object.keys(node).toSorted()) {
    const value = node[key];
    if (key === '$schema' || key === 'additionalProperties') continue;
    if (key === 'properties') out[key] = cleanProperties(value as Record<string, OpenApiSchema>);
    else if (key === 'items') out[key] = clean(value as OpenApiSchema);
    else out[key] = value;
  }
  const additional = node['additionalProperties'];
  if (isOpen(additional)) out['x-kubernetes-preserve-unknown-fields'] = true;
  else if (typeof additional === 'object' && additional !== null)
    out['additionalProperties'] = clean(additional as OpenApiSchema);
  return out;
}

function cleanProperties(properties: Record<string, OpenApiSchema>): Record<string, OpenApiSchema> {
  return Object.fromEntries(
    Object.keys(properties)
      .toSorted()
      .map((name) => [name, clean(properties[name] as OpenApiSchema)]),
  );
}

function isOpen(additional: unknown): boolean {
  return (
    additional === true ||
    (typeof additional === 'object' && additional !== null && Object.keys(additional).length === 0)
  );
}
