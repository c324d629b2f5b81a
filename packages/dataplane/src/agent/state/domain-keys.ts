import { z } from 'zod';
import type { DomainName } from '@flatland/shared/model/names';
import {
  clampPrivateKey,
  parseSecretKey,
  publicKeyOf,
  type PublicKey,
  type SecretKey,
} from '../../core/noise/keys.ts';
import type { WireGuardCrypto } from '../../core/noise/crypto.ts';
import type { RandomPort } from '../../ports/random.ts';
import type { DomainKey } from '../compile/compile-input.ts';
import type { StateFiles } from '../../ports/state-files.ts';

const zKeyFile = z.object({ privateKey: z.string(), listenPort: z.number().int().min(1).max(65_535) });
const FOLDER = 'keys';

/** Ports for WireGuard, one for each domain. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** A node's key in a domain. The private part goes to the device and nowhere else. */
export interface NodeKey extends DomainKey {
  readonly publicKey: PublicKey;
  readonly privateKey: SecretKey;
}

interface Deps {
  readonly files: StateFiles;
  readonly crypto: WireGuardCrypto;
  readonly random: RandomPort;
  readonly ports: PortRange;
}

/** One key pair for each domain, made when it is first needed, kept in files that only the agent reads. */
export class DomainKeys {
  readonly #deps: Deps;
  readonly #keys = new Map<DomainName, NodeKey>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get(domain: DomainName): NodeKey | undefined {
    return this.#keys.get(domain);
  }

  /** The public sides, by domain. */
  publicKeys(): Record<string, DomainKey> {
    return Object.fromEntries(
      [...this.#keys].map(([domain, { publicKey, listenPort }]) => [domain, { publicKey, listenPort }]),
    );
  }

  /** Reads or makes the keys of the domains. Throws where the disk refuses, or no port is left. */
  async ensure(domains: readonly DomainName[]): Promise<void> {
    for (const domain of domains) {
      if (this.#keys.has(domain)) continue;
      this.#keys.set(domain, (await this.#load(domain)) ?? (await this.#make(domain)));
    }
  }

  /** Forgets the key of a domain that is gone. */
  async remove(domain: DomainName): Promise<void> {
    this.#keys.get(domain)?.privateKey.erase();
    this.#keys.delete(domain);
    await this.#deps.files.remove(fileName(domain));
  }

  async #load(domain: DomainName): Promise<NodeKey | undefined> {
    const saved = await this.#deps.files.read(fileName(domain), zKeyFile);
    const privateKey = saved === undefined ? undefined : parseSecretKey(saved.privateKey);
    if (saved === undefined || !privateKey?.ok || this.#isTaken(saved.listenPort)) return undefined;
    return this.#withPublic(privateKey.value, saved.listenPort);
  }

  async #make(domain: DomainName): Promise<NodeKey> {
    const privateKey = clampPrivateKey(this.#deps.random(32));
    const key = this.#withPublic(privateKey, await this.#freePort());
    const file = { privateKey: privateKey.expose().toBase64(), listenPort: key.listenPort };
    await this.#deps.files.write(fileName(domain), file);
    return key;
  }

  #withPublic(privateKey: SecretKey, listenPort: number): NodeKey {
    const publicKey = publicKeyOf(this.#deps.crypto.publicKey(privateKey.expose()));
    return { privateKey, publicKey, listenPort };
  }

  /** Ports of domains that are not loaded yet are taken as well. */
  async #freePort(): Promise<number> {
    const taken = new Set<number>();
    for (const name of await this.#deps.files.list(FOLDER)) {
      const saved = await this.#deps.files.read(`${FOLDER}/${name}`, zKeyFile);
      if (saved !== undefined) taken.add(saved.listenPort);
    }
    const { first, last } = this.#deps.ports;
    for (let port = first; port <= last; port++) if (!taken.has(port) && !this.#isTaken(port)) return port;
    throw new Error(`no WireGuard port is left in ${first}-${last}`);
  }

  #isTaken(port: number): boolean {
    return [...this.#keys.values()].some((key) => key.listenPort === port);
  }
}

function fileName(domain: DomainName): string {
  return `${FOLDER}/${domain}.json`;
}
