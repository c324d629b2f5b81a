/** How a path did of late. */
export interface PathNumbers {
  readonly rttMs?: number;
  readonly lossRatio?: number;
}

const N_PROBES = 20;

/** Round-trip time and loss over the last probes. */
export class PathQuality {
  readonly #results: (number | undefined)[] = [];

  /** Adds a probe: its round-trip time in milliseconds, or nothing where no echo came. */
  add(rttMs: number | undefined): void {
    this.#results.push(rttMs);
    if (this.#results.length > N_PROBES) this.#results.shift();
  }

  /** The median round-trip time, and the share of probes without echo. */
  numbers(): PathNumbers {
    if (this.#results.length === 0) return {};
    const times = this.#results.filter((rtt) => rtt !== undefined).toSorted((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)];
    const lossRatio = (this.#results.length - times.length) / this.#results.length;
    return { ...(median !== undefined && { rttMs: median }), lossRatio };
  }
}
