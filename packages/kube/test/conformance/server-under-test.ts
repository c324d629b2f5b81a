/** A running API server that the conformance suite can be put on: the embedded one, or a real kube-apiserver. */
export interface ServerUnderTest {
  /** `https://HOST:PORT` */
  readonly url: string;
  /** Undefined leaves the server's certificate unchecked. */
  readonly caCertPem?: string;
  /** Bearer token of somebody in system:masters. */
  readonly token: string;
  /** Whether it deletes namespaces' contents and collects garbage, as a control plane with its controllers does. */
  readonly hasControllers: boolean;
  /** Makes the server forget history up to now; absent where that cannot be asked. */
  readonly expireHistory?: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export type StartServer = () => Promise<ServerUnderTest>;
