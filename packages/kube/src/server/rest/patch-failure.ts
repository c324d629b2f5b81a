import type { PatchError } from '../patch/patch-error.ts';
import { badRequest, tooLarge, unexpected, unprocessable, type StatusError } from '../status/status.ts';

/** The Status of a patch that cannot be carried out. */
export function patchFailure({ kind, message }: PatchError): StatusError {
  switch (kind) {
    case 'malformed':
      return badRequest(message);
    case 'too-large':
      return tooLarge(message);
    case 'unexpected':
      return unexpected(message);
    case 'failed':
      return unprocessable();
  }
}
