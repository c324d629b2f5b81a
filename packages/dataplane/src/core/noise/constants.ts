/** Constants of the WireGuard protocol. */

// Specification (WireGuard paper, sections 5 and 6).

export const CONSTRUCTION = 'Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s';
export const IDENTIFIER = 'WireGuard v1 zx2c4 Jason@zx2c4.com';
export const LABEL_MAC1 = 'mac1----';
export const LABEL_COOKIE = 'cookie--';

export const MESSAGE_INITIATION_TYPE = 1;
export const MESSAGE_RESPONSE_TYPE = 2;
export const MESSAGE_COOKIE_REPLY_TYPE = 3;
export const MESSAGE_TRANSPORT_TYPE = 4;

export const MESSAGE_INITIATION_BYTES = 148;
export const MESSAGE_RESPONSE_BYTES = 92;
export const MESSAGE_COOKIE_REPLY_BYTES = 64;
export const MESSAGE_TRANSPORT_HEADER_BYTES = 16;
/** A transport message without payload: a keepalive. */
export const MESSAGE_KEEPALIVE_BYTES = 32;

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;
export const MAC_BYTES = 16;
export const TIMESTAMP_BYTES = 12;
export const COOKIE_NONCE_BYTES = 24;
export const PADDING_MULTIPLE = 16;

export const REKEY_AFTER_MESSAGES = 2n ** 60n;
export const REJECT_AFTER_MESSAGES = 2n ** 64n - 2n ** 13n - 1n;
export const REKEY_AFTER_TIME_MS = 120_000;
export const REJECT_AFTER_TIME_MS = 180_000;
const REKEY_ATTEMPT_TIME_MS = 90_000;
export const REKEY_TIMEOUT_MS = 5_000;
export const KEEPALIVE_TIMEOUT_MS = 10_000;
export const COOKIE_REFRESH_TIME_MS = 120_000;

// Implementation (the choices of the kernel and of wireguard-go).

export const REKEY_TIMEOUT_JITTER_MAX_MS = 334;
export const MAX_TIMER_HANDSHAKES = REKEY_ATTEMPT_TIME_MS / REKEY_TIMEOUT_MS;
/** A cookie is used for less time than its maker honours it, so that one in flight is still good. */
export const COOKIE_LATENCY_MS = 5_000;
export const HANDSHAKE_INITIATION_INTERVAL_MS = 20;
export const REPLAY_WINDOW = 8_128n;
export const MAX_STAGED_PACKETS = 128;
export const MAX_PEERS = 2 ** 16;
/** Handshakes waiting at which a device counts as under load, and for how long it stays so. */
export const UNDER_LOAD_BACKLOG = 128;
export const UNDER_LOAD_STICKY_MS = 1_000;
/** Handshakes that a device answers in a second without calling it load. */
export const HANDSHAKES_PER_SECOND = 256;
export const SOURCE_HANDSHAKES_PER_SECOND = 20;
export const SOURCE_HANDSHAKES_BURST = 5;
/** Outer headers and tag of a packet over IPv6: 40 + 8 + 16 + 16. */
export const OVERHEAD_IPV6_BYTES = 80;
/** How long a lowered path MTU holds before longer packets are tried again (RFC 8899, section 5.1.1). */
export const PMTU_RAISE_TIME_MS = 600_000;
export const DEFAULT_MTU_BYTES = 1_420;
