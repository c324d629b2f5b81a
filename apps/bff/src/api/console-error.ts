import type { ReasonCode } from '@flatland/shared/reason/reasons';
import type { ObjectRef } from '@flatland/shared/topology/topology';

/** Why a call failed, besides the reasons of `shared/reason`. Each is explained in `TEXTS` of `rpc/error-format.ts`. */
export type ConsoleErrorCode =
  | ReasonCode
  | 'already-connected'
  | 'another-cluster'
  | 'busy'
  | 'cli-only'
  | 'internal'
  | 'invalid-input'
  | 'kubeconfig-cluster'
  | 'kubeconfig-refused'
  | 'not-found'
  | 'not-signed-in'
  | 'plan-changed'
  | 'plan-empty'
  | 'plan-refused'
  | 'preflight-failed'
  | 'starting'
  | 'storage-failed'
  | 'storage-full'
  | 'too-large'
  | 'too-many-requests'
  | 'unacknowledged'
  | 'wrong-state';

/** What a client gets of a failure: `error.data.error` of a tRPC error. Never holds a secret or a stack. */
export interface ConsoleError {
  readonly code: ConsoleErrorCode;
  readonly message: string;
  /** The next action. */
  readonly hint: string;
  readonly objectRef?: ObjectRef;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}

/** Thrown by services for failures that the person is told about; everything else becomes `internal`. */
export class ConsoleFailure extends Error {
  readonly code: ConsoleErrorCode;
  readonly objectRef: ObjectRef | undefined;

  constructor(code: ConsoleErrorCode, message: string, objectRef?: ObjectRef) {
    super(message);
    this.name = 'ConsoleFailure';
    this.code = code;
    this.objectRef = objectRef;
  }
}
