import type { Duplex } from 'node:stream';

/**
 * How the API server reaches the nodes: the seam behind logs, exec and the pod proxy. Whoever runs the nodes
 * implements it; each method opens a byte stream that speaks HTTP/1.1 or whatever the pod's port speaks.
 */
export interface KubeletPort {
  /**
   * Opens a stream to the kubelet of a node. It serves HTTP/1.1 on the real kubelet's paths:
   * `GET /containerLogs/NAMESPACE/POD/CONTAINER?follow&tailLines&previous&timestamps&sinceSeconds&limitBytes` and
   * `GET|POST /exec/NAMESPACE/POD/CONTAINER?command&input&output&error&tty`, the latter upgraded to a WebSocket of the
   * subprotocol v5.channel.k8s.io or v4.channel.k8s.io.
   *
   * Rejects when the node is unknown or not running; the client then gets a 502-class Status with the message.
   */
  readonly connectKubelet: (nodeName: string) => Promise<Duplex>;
  /** Opens a stream to a TCP port of a pod. Rejects when nothing listens there. */
  readonly connectPod: (target: PodTarget) => Promise<Duplex>;
}

export interface PodTarget {
  readonly nodeName: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly podIP: string;
  readonly port: number;
}

/** The port of a cluster without nodes. */
export const NO_KUBELETS: KubeletPort = {
  connectKubelet: (nodeName) => Promise.reject(new Error(`node ${nodeName} has no kubelet to connect to`)),
  connectPod: ({ namespace, name }) =>
    Promise.reject(new Error(`pod ${namespace}/${name} has no node to connect to`)),
};
