import type { Qualified } from '../status/status.ts';
import { qualifiedName } from '../status/status.ts';
import { builtinResources } from './builtin-resources.ts';
import type { ResourceDefinition } from './resource-definition.ts';
import { resourceOf } from './resource-definition.ts';

/** What is served now: the built-in resources and those of established CustomResourceDefinitions. */
export class Registry {
  readonly #builtin: ReadonlyMap<string, ResourceDefinition>;
  readonly #builtinKinds: ReadonlyMap<string, ResourceDefinition>;
  #custom: ReadonlyMap<string, ResourceDefinition> = new Map();
  #customKinds: ReadonlyMap<string, ResourceDefinition> = new Map();
  #version = 0;

  constructor() {
    const builtin = builtinResources();
    this.#builtin = byResource(builtin);
    this.#builtinKinds = byKind(builtin);
  }

  /** Grows with every change; what is derived from the registry is cached under it. */
  get version(): number {
    return this.#version;
  }

  /** Replaces the custom resources. A name of a built-in resource stays the built-in one's. */
  setCustom(definitions: readonly ResourceDefinition[]): void {
    this.#custom = byResource(definitions);
    this.#customKinds = byKind(definitions);
    this.#version++;
  }

  find(group: string, version: string, plural: string): ResourceDefinition | undefined {
    const definition = this.byStorageName(qualifiedName({ group, name: plural }));
    return definition?.version === version ? definition : undefined;
  }

  byStorageName(storageName: string): ResourceDefinition | undefined {
    return this.#builtin.get(storageName) ?? this.#custom.get(storageName);
  }

  byKind(group: string, kind: string): ResourceDefinition | undefined {
    const key = `${group}/${kind}`;
    return this.#builtinKinds.get(key) ?? this.#customKinds.get(key);
  }

  /** Everything served, sorted by group and resource. */
  all(): ResourceDefinition[] {
    return [...this.#builtin.values(), ...this.#custom.values()].sort(compareDefinitions);
  }

  /** Whether any resource is served under a group (and version). */
  hasGroup(group: string, version?: string): boolean {
    return this.all().some(
      (definition) => definition.group === group && (version === undefined || definition.version === version),
    );
  }
}

/** The name that a resource's objects are stored under: `pods`, `deployments.apps`. */
export function storageName(definition: ResourceDefinition): string {
  return qualifiedName(resourceOf(definition));
}

/** The storage name of a resource given by group and plural. */
export function storageNameOf(resource: Qualified): string {
  return qualifiedName(resource);
}

function byResource(definitions: readonly ResourceDefinition[]): Map<string, ResourceDefinition> {
  return new Map(definitions.map((definition) => [storageName(definition), definition]));
}

function byKind(definitions: readonly ResourceDefinition[]): Map<string, ResourceDefinition> {
  return new Map(definitions.map((definition) => [`${definition.group}/${definition.kind}`, definition]));
}

function compareDefinitions(left: ResourceDefinition, right: ResourceDefinition): number {
  if (left.group !== right.group) return left.group < right.group ? -1 : 1;
  return left.plural < right.plural ? -1 : left.plural > right.plural ? 1 : 0;
}
