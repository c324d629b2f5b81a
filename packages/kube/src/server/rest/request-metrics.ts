import type { RequestInfo } from '../http/request-info.ts';

/** Counts answered requests, for `/metrics`. */
export class RequestMetrics {
  readonly #counts = new Map<string, number>();

  count(info: RequestInfo | undefined, code: number): void {
    const verb = info?.verb ?? '';
    const labels = info?.isResource
      ? { verb, group: info.group, resource: info.resource, subresource: info.subresource }
      : { verb, group: '', resource: '', subresource: '' };
    const key = `{verb=${quote(labels.verb)},group=${quote(labels.group)},resource=${quote(labels.resource)},subresource=${quote(labels.subresource)},code="${code}"}`;
    // What nobody serves is counted together, so that strangers cannot fill the memory.
    const safe =
      this.#counts.has(key) || this.#counts.size < MAX_SERIES
        ? key
        : `{verb="",group="",resource="",subresource="",code="${code}"}`;
    this.#counts.set(safe, (this.#counts.get(safe) ?? 0) + 1);
  }

  /** In Prometheus' text format, sorted. */
  lines(): string[] {
    return [...this.#counts].map(([labels, count]) => `apiserver_request_total${labels} ${count}`).sort();
  }
}

const MAX_SERIES = 2000;

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
