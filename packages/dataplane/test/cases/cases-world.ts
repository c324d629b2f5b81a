import type { DomainName } from '@flatland/shared/model/names';
import type { TruthWorld } from '../truth/truth-world.ts';

/** What a pod sends to a listener, which tells what it got. */
export interface Exchange {
  readonly protocol: 'UDP' | 'TCP';
  readonly to: string;
  readonly payloadBytes: number;
}

/** What came of an exchange. */
export interface Exchanged {
  /** The listener got the same bytes. */
  readonly isSame: boolean;
  /** From whom, as the listener saw it. */
  readonly seenFrom: string;
}

/** A world in which the cases of reachability, isolation and faults can be made. */
export interface CasesWorld extends TruthWorld {
  /** Whether packets longer than the way are fragmented, where their sender lets them be. */
  readonly fragments: boolean;
  /** How long an echo is waited for. */
  readonly echoTimeoutMs: number;
  /** Most members of a node that are tried. */
  readonly nMembers: number;
  /** How long a removed member's packets may go on, at the most. */
  readonly removedWithinMs: number;
  /** What the world's clock says. */
  nowMs(): number;
  /** Takes exchanges in a pod, in all of its domains. */
  listen(node: string, podUid: string): Promise<void>;
  /** Sends to listeners, one after the other. */
  exchange(node: string, podUid: string, exchanges: readonly Exchange[]): Promise<Exchanged[]>;
  /** Puts a packet of a pod's own onto its interface in a domain, whatever the pod's routes say. */
  sendUnrouted(node: string, podUid: string, packet: { domain: DomainName; to: string }): Promise<void>;
  /** Puts a packet into a node's tunnels, as somebody who has taken the node over can. */
  sendFromNode(node: string, packet: { domain: DomainName; from: string; to: string }): Promise<void>;
  /** Lets no datagram pass from one node to another, and all in the other direction. */
  cutOneWay(from: string, to: string, isDown: boolean): Promise<void>;
  /** Lets handshakes pass between two nodes, and no data. */
  setDegraded(a: string, b: string, isDegraded: boolean): Promise<void>;
  /** Gives a node another address in the underlay. */
  moveNode(node: string): Promise<void>;
  /** Ends everything on a node and starts it again; without its keys it makes new ones. */
  reboot(node: string, options: { readonly keepsKeys: boolean }): Promise<void>;
}
