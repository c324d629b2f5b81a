import type { IpAddress, IpFamily } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, DomainName, NodeName } from '@flatland/shared/model/names';
import type { UnderlayAddress } from '../../ports/host-network.ts';
import type { AddressBook } from '../addresses/address-book.ts';

/** Everything that decides what a node should be. Plain data; the order of arrays does not matter. */
export interface CompileInput {
  readonly cluster: ClusterName;
  readonly node: NodeName;
  /** Trust domain of the cluster's identities, for members' SPIFFE ids. */
  readonly trustDomain: string;
  /** Objects of the node's own cluster, as the API gave them. Pods: those of this node. */
  readonly objects: readonly KubernetesObject[];
  /** Who has which address. */
  readonly addresses: AddressBook;
  readonly local: LocalFacts;
  /** By `pathKey`: what the path selection found out. */
  readonly paths: Readonly<Record<string, PathFact>>;
  readonly nowMs: number;
}

/** What the agent knows of its own node without the API. */
export interface LocalFacts {
  /** Best first. */
  readonly underlay: readonly UnderlayAddress[];
  /** Address that an operator says peers can send to, if not the node's own; with the port where it differs. */
  readonly external?: { readonly address: IpAddress; readonly port?: number };
  /** Address families in which others can send to the node only after it spoke first. */
  readonly natFamilies: readonly IpFamily[];
  /** `cluster/node` of nodes that relay for this one. */
  readonly relays: readonly string[];
  /** By domain. */
  readonly keys: Readonly<Record<string, DomainKey>>;
  /** By domain: the endpoints that peers see this node at, where they are none of its own; at most one of a family. */
  readonly observedEndpoints: Readonly<
    Record<string, readonly { readonly address: IpAddress; readonly port: number }[]>
  >;
}

/** The public side of the node's key in a domain, and the port of its WireGuard device. */
export interface DomainKey {
  readonly publicKey: string;
  readonly listenPort: number;
}

/** What is known of the way to a peer. */
export interface PathFact {
  /** `cluster/node` of the relay that packets take; absent for the direct way. */
  readonly relay?: string;
  /** The longest packet that passes straight, where that is known. */
  readonly mtuBytes?: number;
}

/** Key of a peer's path. */
export function pathKey(domain: DomainName, cluster: string, node: string): string {
  return `${domain}/${cluster}/${node}`;
}
