import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';
import { strictAddressPolicy } from '../address-policy.ts';
import type { AddressPolicy } from '../address-policy.ts';
import type { Connection } from '../connection.ts';
import { readBoundedYaml } from './bounded-yaml.ts';
import { readCluster } from './cluster.ts';
import { checkFields, listField, mapField, refuse, textField } from './fields.ts';
import type { FieldRule, Section } from './fields.ts';
import type { KubeconfigRefusal } from './refusal.ts';
import { readUser } from './user.ts';

/** One context of a kubeconfig: a connection to open, or why there is none. */
export type KubeconfigContext = {
  readonly name: string;
  /** The context's namespace, `default` when it has none. */
  readonly namespace: string;
  readonly connection: Result<Connection, readonly KubeconfigRefusal[]>;
};

/** The readable contexts of a kubeconfig, sorted by name. */
export type Kubeconfig = {
  readonly contexts: readonly KubeconfigContext[];
  readonly currentContext: string | undefined;
};

const FILE_FIELDS: Readonly<Record<string, FieldRule>> = {
  apiVersion: 'read',
  kind: 'read',
  clusters: 'read',
  users: 'read',
  contexts: 'read',
  'current-context': 'read',
  preferences: 'ignore',
  extensions: 'ignore',
};
const CONTEXT_FIELDS: Readonly<Record<string, FieldRule>> = {
  cluster: 'read',
  user: 'read',
  namespace: 'read',
  extensions: 'ignore',
};
const MAX_ENTRIES = 1000;
const DEFAULT_NAMESPACE = 'default';

/**
 * Reads a kubeconfig by an allow-list of fields that hold data. Nothing it says is run, opened or dialled here.
 * A file that is none fails as a whole; a context that uses anything else is refused by itself, and the others
 * stay usable. Each connection's `cluster` is its context's name.
 */
export function readKubeconfig(
  text: string,
  options: { addressPolicy?: AddressPolicy } = {},
): Result<Kubeconfig, readonly KubeconfigRefusal[]> {
  const yaml = readBoundedYaml(text);
  if (!yaml.ok) return err([{ reason: yaml.error, where: '' }]);
  if (!(yaml.value instanceof Map)) return err([{ reason: 'not-a-kubeconfig', where: '' }]);
  const refusals: KubeconfigRefusal[] = [];
  const file: Section = { map: yaml.value, where: '', refusals };
  checkFields(file, FILE_FIELDS);
  if (textField(file, 'kind') !== 'Config' || textField(file, 'apiVersion') !== 'v1') {
    refuse(file, 'not-a-kubeconfig', '');
  }
  const [clusters, users, contexts] = [
    entries(file, 'clusters'),
    entries(file, 'users'),
    entries(file, 'contexts'),
  ];
  const currentContext = textField(file, 'current-context');
  if (refusals.length === 0 && contexts.size === 0) refuse(file, 'no-context', 'contexts');
  if (refusals.length > 0) return err(refusals);
  const addressPolicy = options.addressPolicy ?? strictAddressPolicy;
  const read = [...contexts].map(([name, entry]) =>
    readContext(name, { entry, clusters, users, addressPolicy }),
  );
  return ok({
    contexts: read.sort((a, b) => (a.name < b.name ? -1 : 1)),
    currentContext: currentContext === '' ? undefined : currentContext,
  });
}

type Entries = ReadonlyMap<string, Section>;

/** The named entries of `clusters`, `users` or `contexts`. */
function entries(file: Section, field: 'clusters' | 'users' | 'contexts'): Entries {
  const named = new Map<string, Section>();
  const singular = field.slice(0, -1);
  const list = listField(file, field);
  if (list.length > MAX_ENTRIES) {
    refuse(file, 'too-many-entries', field);
    return named;
  }
  for (const element of list) {
    checkFields(element, { name: 'read', [singular]: 'read' });
    const name = textField(element, 'name');
    if (name === undefined || !/^[^\p{Cc}]{1,253}$/u.test(name)) {
      refuse(element, 'bad-name', 'name');
      continue;
    }
    if (named.has(name)) refuse(element, 'duplicate-name', 'name');
    named.set(name, element);
  }
  return named;
}

function readContext(
  name: string,
  file: { entry: Section; clusters: Entries; users: Entries; addressPolicy: AddressPolicy },
): KubeconfigContext {
  const refusals: KubeconfigRefusal[] = [];
  const entry = { ...file.entry, refusals };
  const context = mapField(entry, 'context');
  if (context === undefined) {
    if (refusals.length === 0) refuse(entry, 'wrong-type', 'context');
    return { name, namespace: DEFAULT_NAMESPACE, connection: err(refusals) };
  }
  checkFields(context, CONTEXT_FIELDS);
  const namespace = textField(context, 'namespace') || DEFAULT_NAMESPACE;
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) refuse(context, 'bad-namespace', 'namespace');
  const clusterSection = inner(file.clusters, { context, field: 'cluster', missing: 'missing-cluster' });
  const userSection = inner(file.users, { context, field: 'user', missing: 'missing-user' });
  const cluster = clusterSection === undefined ? undefined : readCluster(clusterSection, file.addressPolicy);
  const credential = userSection === undefined ? undefined : readUser(userSection);
  const usable = cluster !== undefined && credential !== undefined && refusals.length === 0;
  return {
    name,
    namespace: refusals.some((refusal) => refusal.reason === 'bad-namespace') ? DEFAULT_NAMESPACE : namespace,
    connection: usable ? ok({ cluster: name, ...cluster, credential }) : err(refusals),
  };
}

function inner(
  from: Entries,
  reference: { context: Section; field: 'cluster' | 'user'; missing: 'missing-cluster' | 'missing-user' },
): Section | undefined {
  const { context, field, missing } = reference;
  const entry = from.get(textField(context, field) ?? '');
  if (entry === undefined) {
    refuse(context, missing, field);
    return undefined;
  }
  const section = mapField({ ...entry, refusals: context.refusals }, field);
  if (section === undefined && context.refusals.length === 0) refuse(context, missing, field);
  return section;
}
