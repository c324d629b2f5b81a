/**
 * Hands out the addresses of a node's pod range. An address that was given back is used last, so that what still
 * remembers it does not meet another pod.
 */
export class PodAddresses {
  readonly #network: string;
  readonly #byPod = new Map<string, string>();
  readonly #free: number[];

  /** `podCidr` is a /24, whose first host address is the node's own. */
  constructor(podCidr: string) {
    const match = /^(\d+\.\d+\.\d+)\.0\/24$/.exec(podCidr);
    if (match === null) throw new Error(`a node's pod range must be a /24, not ${podCidr}`);
    this.#network = match[1]!;
    this.#free = Array.from({ length: 253 }, (_none, index) => index + 2);
  }

  /** The pod's address. It asks for `wanted`, the one it had, and gets it unless another pod has it. */
  assign(podUid: string, wanted?: string): string | undefined {
    const known = this.#byPod.get(podUid);
    if (known !== undefined) return known;
    const wantedHost = this.#hostOf(wanted);
    const index = Math.max(0, wantedHost === undefined ? 0 : this.#free.indexOf(wantedHost));
    const [host] = this.#free.splice(index, 1);
    if (host === undefined) return undefined;
    const address = `${this.#network}.${host}`;
    this.#byPod.set(podUid, address);
    return address;
  }

  release(podUid: string): void {
    const address = this.#byPod.get(podUid);
    if (address === undefined) return;
    this.#byPod.delete(podUid);
    this.#free.push(this.#hostOf(address)!);
  }

  #hostOf(address: string | undefined): number | undefined {
    if (address === undefined || !address.startsWith(`${this.#network}.`)) return undefined;
    return Number(address.slice(this.#network.length + 1));
  }
}
