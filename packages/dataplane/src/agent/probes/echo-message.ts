/** Length of the nonce that begins every message to an echo port. */
export const NONCE_BYTES = 16;

const FOR = new TextEncoder().encode('for:');

/**
 * What a probe sends to an echo port: the nonce, and where it matters who answers, the uid of the pod
 * that shall. Two domains may have equal prefixes, so that an address alone names nobody.
 */
export function echoMessage(nonce: Uint8Array, recipientUid: string | undefined): Uint8Array {
  if (recipientUid === undefined) return nonce;
  const uid = new TextEncoder().encode(recipientUid);
  const message = new Uint8Array(nonce.length + FOR.length + uid.length);
  message.set(nonce);
  message.set(FOR, nonce.length);
  message.set(uid, nonce.length + FOR.length);
  return message;
}

/** True where a message names no recipient, or the pod. Any bytes may come. */
export function isForPod(message: Uint8Array, podUid: string | undefined): boolean {
  const rest = message.subarray(NONCE_BYTES);
  if (rest.length < FOR.length || !FOR.every((byte, index) => rest[index] === byte)) return true;
  return new TextDecoder().decode(rest.subarray(FOR.length)) === podUid;
}
