/** A running API server that the conformance suite can be put on: the embedded one, or a real kube-apiserver. */
export interface ServerUnderTest {
  /** `https://HOST:PORT` */
  readonly url: string;
  /** Undefined leaves the server's certificate unchecked. */
  readonly caCertPem?: string;
  /** What makes a request that of somebody in system:masters: a bearer token, or a client's certificate. */
  readonly token?: string;
  readonly clientCertificate?: { readonly certPem: string; readonly keyPem: string };
  /** Whether it deletes namespaces' contents and collects garbage, as a control plane with its controllers does. */
  readonly hasControllers: boolean;
  /** Whether what is written comes into force only once the server has learnt of it, as with admission policies. */
  readonly learnsByAndBy?: boolean;
  /** Makes the server forget history up to now; absent where that cannot be asked. */
  readonly expireHistory?: () => Promise<void>;
  /** Whether the suite must remove what it made. */
  readonly outlivesTheSuite?: boolean;
  readonly close: () => Promise<void>;
}

export type StartServer = () => Promise<ServerUnderTest>;
