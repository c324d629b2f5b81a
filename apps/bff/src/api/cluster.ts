import type { PreflightLine } from '@flatland/shared/preflight/line';

/** Where a cluster’s connection came from: the file that the console was started with, or a person since then. */
export type ClusterOrigin = 'connected' | 'kubeconfig';

/** Why a kubeconfig, or one of its contexts, cannot be used: where in it, and what to do. Holds no value of it. */
export interface KubeconfigFault {
  readonly reason: string;
  readonly where: string;
  readonly text: string;
  readonly next: string;
}

/** One context of a pasted kubeconfig. It can be connected where it has no faults. */
export interface KubeconfigChoice {
  readonly context: string;
  /** The name that the cluster would have here. */
  readonly suggestedName: string;
  readonly server?: string;
  readonly credential?: 'client-certificate' | 'token';
  readonly faults: readonly KubeconfigFault[];
}

/** What a pasted kubeconfig holds, without its secrets. `faults` are those of the file as a whole. */
export interface KubeconfigReading {
  readonly contexts: readonly KubeconfigChoice[];
  readonly currentContext?: string;
  readonly faults: readonly KubeconfigFault[];
}

/** A kubeconfig and which of its contexts is meant; the only one, or the current one, where none is named. */
export interface ContextChoice {
  readonly kubeconfig: string;
  readonly context?: string | undefined;
}

/** What is asked for: under which name, and whether anything may ever be written. */
export interface ConnectRequest extends ContextChoice {
  /** @default made from the context’s name */
  readonly name?: string | undefined;
  readonly readOnly: boolean;
}

/** What a preflight of one context came to. */
export interface PreflightReport {
  readonly context: string;
  readonly name: string;
  readonly server: string;
  readonly readOnly: boolean;
  /** False where a line has failed. */
  readonly canConnect: boolean;
  readonly lines: readonly PreflightLine[];
}

/** What connecting came to. */
export interface ConnectedReport extends PreflightReport {
  readonly canConnect: true;
}

/** What disconnecting left in the cluster: nothing of it was deleted. */
export interface DisconnectReport {
  readonly name: string;
  /** Objects of Flatland that stay there, as last seen, by kind. */
  readonly stays: readonly { readonly kind: string; readonly count: number }[];
  /** What that means and what is left to do, a line each. */
  readonly notes: readonly string[];
}
