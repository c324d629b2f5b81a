import type { ClusterName, NodeName } from '@flatland/shared/model/names';
import { DEFAULT_WIREGUARD_PORTS } from '@flatland/shared/model/wireguard-ports';
import type { WireGuardCrypto } from '../core/noise/crypto.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { HostNetwork } from '../ports/host-network.ts';
import type { LogPort } from '../ports/log.ts';
import type { NamespaceSockets } from '../ports/namespace-sockets.ts';
import type { PodRuntime } from '../ports/pod-runtime.ts';
import type { RandomPort } from '../ports/random.ts';
import type { StateFiles } from '../ports/state-files.ts';
import type { WireguardControl } from '../ports/wireguard-control.ts';
import type { ClusterApi } from './cluster/cluster-api.ts';
import type { LocalFacts } from './compile/compile-input.ts';
import type { PortRange } from './state/domain-keys.ts';

/** Everything that an agent touches. */
export interface AgentPorts {
  readonly cluster: ClusterApi;
  readonly network: HostNetwork;
  readonly wireguard: WireguardControl;
  readonly pods: PodRuntime;
  readonly sockets: NamespaceSockets;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly crypto: WireGuardCrypto;
  readonly log: LogPort;
  /** The agent's own files. @default those under `dataDirectory` */
  readonly files?: StateFiles;
}

export interface AgentOptions {
  readonly cluster: ClusterName;
  readonly node: NodeName;
  /** Directory of the agent's own files: keys, addresses, last objects. */
  readonly dataDirectory: string;
  /** Trust domain of the cluster's workloads. @default cluster.local */
  readonly trustDomain?: string;
  /** @default 51820 to 51919 */
  readonly ports?: PortRange;
  readonly external?: LocalFacts['external'];
  /** @default what peers see */
  readonly behindNat?: boolean;
  /** `cluster/node` of nodes that relay for this one. @default none */
  readonly relays?: readonly string[];
  /** Answer the cluster's name server on the node's loopback. @default true */
  readonly servesNodeDns?: boolean;
  /** How often everything is looked at anew. @default 60000 */
  readonly resyncMs?: number;
}

export const DEFAULT_PORTS: PortRange = DEFAULT_WIREGUARD_PORTS;
