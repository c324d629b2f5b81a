import type { KubeClient } from '@flatland/kube/client/kube-client';
import * as resources from '@flatland/kube/client/resources';
import { Collection } from '../../workloads/collection.ts';
import type { EndpointSlice, Service } from '../../workloads/kinds/service.ts';

/** The Services of a cluster and what is behind them. */
export type Services = {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
};

/** Keeps the Services of a cluster in step, for a node's name server and its service addresses. */
export class ServiceState {
  readonly #services: Collection<Service>;
  readonly #endpointSlices: Collection<EndpointSlice>;
  #onChange: () => void = () => {};

  constructor(client: KubeClient) {
    const options = { onChange: () => this.#onChange() };
    this.#services = new Collection(client, resources.Service, options);
    this.#endpointSlices = new Collection(client, resources.EndpointSlice, options);
  }

  read(): Services {
    return { services: this.#services.list(), endpointSlices: this.#endpointSlices.list() };
  }

  /** Calls back after every change. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }
}
