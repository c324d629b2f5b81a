import type { Json } from './api.ts';

export function configMap(name: string, metadata: Json = {}, data: Json = { key: 'value' }): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A pod that stays as it was made: no scheduler goes by that name, so that no node ever takes it. */
export function pod(name: string, metadata: Json = {}, spec: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: {
      containers: [{ name: 'main', image: 'example/image:1' }],
      automountServiceAccountToken: false,
      schedulerName: 'nobody',
      ...spec,
    },
  };
}

export function deployment(name: string, metadata: Json = {}, spec: Json = {}): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...metadata },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example/image:1' }] },
      },
      ...spec,
    },
  };
}

export function service(name: string, spec: Json = {}): Json {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
}

/** A definition of `PLURAL.example.com`, version v1, with the given schema of spec and status. */
export function definition(
  plural: string,
  kind: string,
  schema: Json,
  version: Json = {},
  scope = 'Namespaced',
): Json {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope,
      names: { plural, kind },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version },
      ],
    },
  };
}
