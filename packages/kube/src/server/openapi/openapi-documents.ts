import { createHash } from 'node:crypto';
import type { CrdVersion } from '../crd/crd-object.ts';
import { crdSpec } from '../crd/crd-object.ts';
import { VERSION } from '../discovery/version.ts';
import type { Registry } from '../kinds/registry.ts';
import { storageName } from '../kinds/registry.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { StoreReader } from '../storage/store.ts';
import type { JsonObject } from '../schema/json.ts';
import { componentsFor } from './openapi-components.ts';
import { resourcePaths } from './openapi-paths.ts';
import { openApiV2Protobuf } from './openapi-v2-protobuf.ts';
import { openApiV2 } from './openapi-v2.ts';

interface Document {
  readonly json: string;
  readonly hash: string;
}

/** The OpenAPI documents of what is served now, v3 one for each group and version, made when asked for. */
export class OpenApiDocuments {
  readonly #registry: Registry;
  readonly #reader: StoreReader;
  #version = -1;
  #documents = new Map<string, Document>();
  #v2: (Document & { readonly protobuf: Uint8Array }) | undefined;

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
    const { paths, components } = this.#partsOf(definitions);
    const document = hashed({
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: VERSION.gitVersion },
      paths,
      components: { schemas: components },
    });
    this.#documents.set(name, document);
    return document;
  }

  /** `/openapi/v2`: one document of everything, which kubectl validates the items of a List by. */
  v2(): Document & { readonly protobuf: Uint8Array } {
    this.#forgetOld();
    if (this.#v2) return this.#v2;
    const { paths, components } = this.#partsOf(this.#registry.all());
    const document = openApiV2(paths, components);
    return (this.#v2 = { ...hashed(document), protobuf: openApiV2Protobuf(document) });
  }

  #partsOf(definitions: readonly ResourceDefinition[]): {
    paths: Record<string, JsonObject>;
    components: Record<string, JsonObject>;
  } {
    const paths = definitions.flatMap((definition) => Object.entries(resourcePaths(definition)));
    return {
      paths: Object.fromEntries(paths) as Record<string, JsonObject>,
      components: componentsFor(definitions, (definition) => this.#crdVersionOf(definition)),
    };
  }

  #names(): string[] {
    return [...new Set(this.#registry.all().map(documentName))].sort();
  }

  #forgetOld(): void {
    if (this.#version === this.#registry.version) return;
    this.#v2 = undefined;
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

function hashed(document: object): Document {
  const json = JSON.stringify(document);
  return { json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() };
}

function documentName({ group, version }: ResourceDefinition): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
