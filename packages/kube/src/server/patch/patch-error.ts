/** A patch that cannot be applied. */
export interface PatchError {
  /**
   * `malformed`: the patch itself is no patch, 400. `failed`: it does not fit the object, 422. `too-large`: it does more
   * than one request may, 413. `unexpected`: kube-apiserver has no status for it, and answers 500.
   */
  readonly kind: 'malformed' | 'failed' | 'too-large' | 'unexpected';
  readonly message: string;
}
