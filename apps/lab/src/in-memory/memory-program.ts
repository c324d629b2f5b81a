import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { MemoryForwarder } from '@flatland/dataplane/io/memory/host-network-wireguard';
import type { MemoryNode } from '@flatland/dataplane/io/memory/host-network-node';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { ContainerConfig } from '../kubelet/node-runtime.ts';
import type { MemoryPod } from './memory-pod.ts';

/** What a program in memory works with: its node and its container. */
export type MemoryProgramContext = {
  readonly node: MemoryNode;
  readonly forwarder: MemoryForwarder;
  readonly cluster: string;
  readonly container: ContainerConfig;
  readonly pod: MemoryPod;
  /** Makes a client with the pod's own token. */
  readonly openClient: () => Promise<KubeClient>;
  readonly log: Logger;
  /** Writes a line to the container's log. */
  readonly say: (line: string) => void;
};

/** A program that runs as an object in the lab's process. */
export type RunningProgram = {
  /** Opens a connection to a TCP port on which it listens for the cluster; undefined where it does not. */
  readonly connect?: (port: number) => Duplex | undefined;
  stop(): Promise<void>;
};

export type MemoryProgram = (context: MemoryProgramContext) => Promise<RunningProgram>;
