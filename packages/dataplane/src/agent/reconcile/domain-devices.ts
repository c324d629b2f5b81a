import type { DomainName } from '@flatland/shared/model/names';
import type { ClockPort } from '../../ports/clock.ts';
import type { HostNetwork } from '../../ports/host-network.ts';
import type { LogPort } from '../../ports/log.ts';
import type { WireguardConfiguration, WireguardControl } from '../../ports/wireguard-control.ts';
import type { PathFact } from '../compile/compile-input.ts';
import type { NodeProgram } from '../compile/node-program.ts';
import { wireguardPeers } from '../compile/wireguard-peers.ts';
import type { DomainKeys } from '../state/domain-keys.ts';
import type { TimestampFloors } from '../state/timestamp-floors.ts';

interface Deps {
  readonly network: HostNetwork;
  readonly wireguard: WireguardControl;
  readonly keys: DomainKeys;
  readonly floors: TimestampFloors;
  readonly clock: ClockPort;
  readonly log: LogPort;
}

/** The domains' WireGuard devices: there before routes lead through them, and told only what changed. */
export class DomainDevices {
  readonly #deps: Deps;
  readonly #there = new Set<DomainName>();
  readonly #told = new Map<DomainName, string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Forgets what is there, so that everything is made sure of again. */
  forget(): void {
    this.#there.clear();
    this.#told.clear();
  }

  /** Makes and removes devices. Gives the domains whose device could not be made. */
  async follow(program: NodeProgram): Promise<DomainName[]> {
    const { network, wireguard, log } = this.#deps;
    const routers = program.network.routers;
    const wanted = new Set(routers.map((router) => router.domain));
    const fresh = routers.filter((router) => !this.#there.has(router.domain));
    const failed: DomainName[] = [];
    await this.#removeOthers(wanted, fresh.length > 0);
    if (fresh.length === 0) return failed;
    await network.ensureDomains(fresh.map((router) => router.domain));
    for (const { domain, mtuBytes, routerAddresses } of fresh)
      try {
        const floor = await this.#takeFloor(domain);
        const request = { domain, mtuBytes, routerAddresses };
        await wireguard.ensureDevice({ ...request, ...(floor !== undefined && { timestampFloor: floor }) });
        this.#there.add(domain);
      } catch (error) {
        failed.push(domain);
        log.warn({ domain, error: String(error) }, 'cannot make the WireGuard device');
      }
    return failed;
  }

  /** Configures the devices that are there. Gives the domains that refused. */
  async configure(program: NodeProgram, paths: Readonly<Record<string, PathFact>>): Promise<DomainName[]> {
    const results = await Promise.all(
      program.domains.map(async (domain): Promise<DomainName[]> => {
        const key = this.#deps.keys.get(domain.domain);
        if (key === undefined || !this.#there.has(domain.domain)) return [];
        const configuration: WireguardConfiguration = {
          privateKey: key.privateKey,
          listenPort: key.listenPort,
          peers: wireguardPeers(domain, paths),
        };
        const text = JSON.stringify([key.publicKey, key.listenPort, configuration.peers]);
        if (this.#told.get(domain.domain) === text) return [];
        try {
          await this.#deps.wireguard.configure(domain.domain, configuration);
          this.#told.set(domain.domain, text);
          return [];
        } catch (error) {
          this.#there.delete(domain.domain);
          this.#told.delete(domain.domain);
          this.#deps.log.warn({ domain: domain.domain, error: String(error) }, 'cannot configure WireGuard');
          return [domain.domain];
        }
      }),
    );
    return results.flat();
  }

  /** Keeps what devices have sent with their keys, for those that start after them. */
  async keepTimestamps(): Promise<void> {
    const { wireguard, keys, floors, clock } = this.#deps;
    for (const domain of this.#there) {
      const publicKey = keys.get(domain)?.publicKey;
      const state = await wireguard.read(domain).catch(() => undefined);
      if (publicKey === undefined || state?.publicKey !== publicKey) continue;
      const now = { nowMs: clock.nowMs(), newest: state.newestTimestamp };
      await floors.keep(domain, publicKey, now).catch((error: unknown) => this.#warn(domain, error));
    }
  }

  async #takeFloor(domain: DomainName): Promise<string | undefined> {
    const { keys, floors, clock } = this.#deps;
    const publicKey = keys.get(domain)?.publicKey;
    if (publicKey === undefined) return undefined;
    return floors.take(domain, publicKey, clock.nowMs()).catch((error: unknown) => this.#warn(domain, error));
  }

  /** A full disk stops no tunnel: a floor matters only once a clock goes back. */
  #warn(domain: DomainName, error: unknown): undefined {
    this.#deps.log.warn({ domain, error: String(error) }, 'cannot keep the timestamps of the key');
  }

  async #removeOthers(wanted: ReadonlySet<DomainName>, mayBeOthers: boolean): Promise<void> {
    const { wireguard, log } = this.#deps;
    const known = mayBeOthers ? await wireguard.listDevices().catch(() => []) : [];
    for (const domain of new Set([...this.#there, ...known])) {
      if (wanted.has(domain)) continue;
      this.#there.delete(domain);
      this.#told.delete(domain);
      await wireguard.removeDevice(domain).catch((error: unknown) => {
        log.warn({ domain, error: String(error) }, 'cannot remove the WireGuard device');
      });
    }
  }
}
