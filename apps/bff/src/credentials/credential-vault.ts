import type { Connection } from '@flatland/kube/client/connection';
import type { ConfiguredCluster } from '../clusters/connections.ts';
import { ConsoleFailure } from '../api/console-error.ts';
import type { ConnectedClusterRow, ConnectedClusterStore } from '../journal/connected-cluster-store.ts';
import { connectionText, readConnectionText } from './connection-text.ts';
import { ensureCredentialKey, readCredentialKey } from './credential-key.ts';
import { NONCE_BYTES, seal, unseal } from './seal.ts';

export interface VaultDeps {
  readonly store: ConnectedClusterStore;
  readonly dataDirectory: string;
  readonly randomBytes: (nBytes: number) => Uint8Array;
}

/** What is kept of a connected cluster besides how it is reached. */
export type ConnectedCluster = Omit<ConnectedClusterRow, 'sealed'>;

/** How clusters that a person connected are reached: in the journal, sealed by a key that is in a file of its own. */
export class CredentialVault {
  readonly #deps: VaultDeps;

  constructor(deps: VaultDeps) {
    this.#deps = deps;
  }

  /** Every kept cluster: its connection, or why it cannot be opened. One that cannot harms no other. */
  open(): readonly (ConfiguredCluster & { readonly readOnly: boolean })[] {
    const rows = this.#deps.store.all();
    if (rows.length === 0) return [];
    const key = readCredentialKey(this.#deps.dataDirectory);
    return rows.map(({ name, sealed, readOnly }) => {
      const refused = (why: string) => ({ ok: false as const, name, why: `${why}. ${NEXT}`, readOnly });
      if (!key.ok) return refused(`Its credentials cannot be opened: ${key.error}`);
      const text = unseal(sealed, { key: key.value, owner: name });
      const connection = text === undefined ? undefined : readConnectionText(text, name);
      if (connection === undefined)
        return refused('Its credentials cannot be opened: they were sealed by another key, or changed');
      return { ok: true as const, name, connection, readOnly };
    });
  }

  /** What is kept of a cluster. */
  get(name: string): ConnectedCluster | undefined {
    const row = this.#deps.store.get(name);
    if (row === undefined) return undefined;
    const { sealed: _, ...kept } = row;
    return kept;
  }

  /** Keeps a cluster. In the caller’s transaction, where there is one. */
  put(cluster: ConnectedCluster, connection: Connection): void {
    const { store, dataDirectory, randomBytes } = this.#deps;
    const key = ensureCredentialKey(dataDirectory, randomBytes);
    if (!key.ok) throw new ConsoleFailure('storage-failed', key.error);
    const sealed = seal(connectionText(connection), randomBytes(NONCE_BYTES), {
      key: key.value,
      owner: cluster.name,
    });
    store.put({ ...cluster, sealed });
  }

  remove(name: string): void {
    this.#deps.store.remove(name);
  }

  /** Takes credentials that were removed or replaced out of the files. Outside of any transaction. */
  wipe(): void {
    this.#deps.store.wipe();
  }
}

const NEXT = 'Replace its credentials, or disconnect it';
