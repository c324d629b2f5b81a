/** A patch that cannot be applied. */
export interface PatchError {
  /**
   * `malformed`: the patch itself is no patch, 400. `failed`: it does not fit the object, 422. `too-large`: it does more
   * than one request may, 413.
   */
  readonly kind: 'malformed' | 'failed' | 'too-large';
  readonly message: string;
}
