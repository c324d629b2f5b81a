import type { StructuralSchema } from '../../structural-schema.ts';
import { at, bool, object, quantity, text } from '../shape.ts';

/** A ConfigMap's or Secret's key. */
function keySelector(component: string, description: string): StructuralSchema {
  return object(
    description,
    {
      name: text('Name of the object.', { default: '' }),
      key: text('Key to select.'),
      optional: bool('Whether the object or its key may be missing.'),
    },
    { required: ['key'], mapType: 'atomic', component },
  );
}

function envSource(component: string, description: string): StructuralSchema {
  return object(
    description,
    {
      name: text('Name of the object.', { default: '' }),
      optional: bool('Whether the object may be missing.'),
    },
    { component },
  );
}

export const objectFieldSelector: StructuralSchema = object(
  'Selects a field of the pod.',
  {
    apiVersion: text('Version that the path is written in.', { default: 'v1' }),
    fieldPath: text('Path of the field.'),
  },
  { required: ['fieldPath'], mapType: 'atomic', component: 'io.k8s.api.core.v1.ObjectFieldSelector' },
);

export const resourceFieldSelector: StructuralSchema = object(
  "Selects one of a container's resources.",
  {
    containerName: text('Name of the container.'),
    resource: text('Resource to select, such as limits.cpu.'),
    divisor: quantity('Unit of the output.'),
  },
  { required: ['resource'], mapType: 'atomic', component: 'io.k8s.api.core.v1.ResourceFieldSelector' },
);

export const localObjectReference: StructuralSchema = object(
  'Name of an object in the same namespace.',
  { name: text('Name of the object.', { default: '' }) },
  { mapType: 'atomic', component: 'io.k8s.api.core.v1.LocalObjectReference' },
);

export const envVar: StructuralSchema = object(
  'An environment variable.',
  {
    name: text('Name of the variable.'),
    value: text('Value; $(NAME) refers to variables defined before.'),
    valueFrom: object(
      'Source of the value.',
      {
        fieldRef: objectFieldSelector,
        resourceFieldRef: resourceFieldSelector,
        configMapKeyRef: keySelector('io.k8s.api.core.v1.ConfigMapKeySelector', 'A key of a ConfigMap.'),
        secretKeyRef: keySelector('io.k8s.api.core.v1.SecretKeySelector', 'A key of a Secret.'),
      },
      { component: 'io.k8s.api.core.v1.EnvVarSource' },
    ),
  },
  { required: ['name'], component: 'io.k8s.api.core.v1.EnvVar' },
);

export const envFromSource: StructuralSchema = object(
  'An object whose keys become environment variables.',
  {
    prefix: text('Put before each name.'),
    configMapRef: envSource('io.k8s.api.core.v1.ConfigMapEnvSource', 'The ConfigMap.'),
    secretRef: at(envSource('io.k8s.api.core.v1.SecretEnvSource', 'The Secret.'), 'The Secret.'),
  },
  { component: 'io.k8s.api.core.v1.EnvFromSource' },
);
