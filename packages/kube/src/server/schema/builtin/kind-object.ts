import type { StructuralSchema } from '../structural-schema.ts';
import { objectMeta } from './meta-v1/object-meta.ts';
import { always, object, text } from './shape.ts';

type Properties = Readonly<Record<string, StructuralSchema>>;

/** Schema of a kind: apiVersion, kind and metadata, and its own fields. */
export function kindObject(
  component: string,
  description: string,
  properties: Properties,
  extra: Partial<StructuralSchema> = {},
): StructuralSchema {
  return object(
    description,
    {
      apiVersion: text('Version of this representation of the object.'),
      kind: text('Kind of the object, in CamelCase.'),
      metadata: always(objectMeta),
      ...properties,
    },
    { ...extra, component },
  );
}
