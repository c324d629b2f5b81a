import { createHash } from 'node:crypto';
import type { CrdVersion } from '../crd/crd-object.ts';
import { crdSpec } from '../crd/crd-object.ts';
import { VERSION } from '../discovery/version.ts';
import type { Registry } from '../kinds/registry.ts';
import { storageName } from '../kinds/registry.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { StoreReader } from '../storage/store.ts';
import { componentsFor } from './openapi-components.ts';
import { resourcePaths } from './openapi-paths.ts';

interface Document {
  readonly json: string;
  readonly hash: string;
}

/** The OpenAPI v3 documents of what is served now, one for each group and version, made when asked for. */
export class OpenApiDocuments {
  readonly #registry: Registry;
  readonly #reader: StoreReader;
  #version = -1;
  #documents = new Map<string, Document>();

  constructor(registry: Registry, reader: StoreReader) {
    this.#registry = registry;
    this.#reader = reader;
  }

  /** `/openapi/v3`: where each document is. The address holds a hash, so that clients may keep what they have. */
  index(): object {
    const paths = this.#names().map((name) => {
      const { hash } = this.document(name)!;
      return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }] as const;
    });
    return { paths: Object.fromEntries(paths) };
  }

  /** The document of `api/v1` or `apis/GROUP/VERSION`; undefined when nothing of it is served. */
  document(name: string): Document | undefined {
    this.#forgetOld();
    const known = this.#documents.get(name);
    if (known) return known;
    const definitions = this.#registry.all().filter((definition) => documentName(definition) === name);
    if (definitions.length === 0) return undefined;
    const json = JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: VERSION.gitVersion },
      paths: Object.fromEntries(
        definitions.flatMap((definition) => Object.entries(resourcePaths(definition))),
      ),
      components: { schemas: componentsFor(definitions, (definition) => this.#crdVersionOf(definition)) },
    });
    const document = { json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() };
    this.#documents.set(name, document);
    return document;
  }

  #names(): string[] {
    return [...new Set(this.#registry.all().map(documentName))].sort();
  }

  #forgetOld(): void {
    if (this.#version === this.#registry.version) return;
    const builtin = new Set(
      this.#registry
        .all()
        .filter((definition) => definition.builtin)
        .map(documentName),
    );
    this.#documents = new Map([...this.#documents].filter(([name]) => builtin.has(name)));
    this.#version = this.#registry.version;
  }

  #crdVersionOf(definition: ResourceDefinition): CrdVersion | undefined {
    const key = {
      resource: 'customresourcedefinitions.apiextensions.k8s.io',
      namespace: '',
      name: storageName(definition),
    };
    const crd = this.#reader.get(key)?.object;
    return crd && crdSpec(crd).versions[0];
  }
}

function documentName({ group, version }: ResourceDefinition): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
