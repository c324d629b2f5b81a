import type { Authorizer } from '../auth/authorizer.ts';
import type { TokenAuthority } from '../auth/token-authority.ts';
import type { KubeletPort } from '../kubelet-port.ts';
import type { OpenApiDocuments } from '../openapi/openapi-documents.ts';
import type { Registry } from '../kinds/registry.ts';
import type { Store } from '../storage/store.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { WatchHub } from './watch-hub.ts';

/** What every request handler works with. */
export interface ServerState {
  readonly clusterName: string;
  readonly store: Store;
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly tokens: TokenAuthority;
  readonly watches: WatchHub;
  readonly openApi: OpenApiDocuments;
  readonly kubelets: KubeletPort;
  readonly metrics: RequestMetrics;
  readonly caCertPem: string;
  readonly nowMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly makeUid: () => string;
  /** Told of what should not happen; never shown to clients. */
  readonly onError: (error: unknown) => void;
}
