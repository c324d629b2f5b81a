/**
 * Why a packet went no further. One closed list: a drop's result, its counter's label and the key of the
 * console's text are the same word.
 */
export const DROP_REASONS = [
  /** Unknown message type, non-zero reserved bytes, or a length that the type does not have. */
  'malformed-message',
  /** mac1 was not made with our public key: the sender does not know whom it talks to. */
  'mac1-invalid',
  /** Handshakes arrive faster than they are answered; a cookie reply went out instead. */
  'under-load',
  /** A source proved its address and still sent handshakes too fast. */
  'rate-limited',
  /** The device has no private key, or is administratively down. */
  'device-not-ready',
  /** The initiator's static key belongs to no configured peer. */
  'unknown-peer',
  /** A handshake message did not authenticate, or carried a low-order point. */
  'handshake-invalid',
  /** The initiation's timestamp is not newer than the newest seen from that peer. */
  'initiation-replayed',
  /** A second initiation of the same peer within 20 ms. */
  'initiation-flood',
  /** The receiver index names no handshake and no session of ours. */
  'unknown-index',
  /** A cookie reply that did not authenticate, or that nothing of ours asked for. */
  'cookie-invalid',
  /** A transport message did not authenticate. */
  'authentication-failed',
  /** The session is older than REJECT_AFTER_TIME, or used up. */
  'session-expired',
  /** The counter was seen before, or is older than the replay window. */
  'replayed',
  /** The inner packet is neither IPv4 nor IPv6, or its lengths disagree. */
  'inner-malformed',
  /** The underlay marked congestion, of which the ends of the inner packet could not hear (RFC 6040, 4.2). */
  'ecn-invalid',
  /** The inner source address is not routed to the peer that sent it, or not the member's own. */
  'source-not-allowed',
  /** No peer and no member has the destination address. */
  'no-route',
  /** The peer is known, its endpoint is not. */
  'no-endpoint',
  /** More packets waited for a handshake than are kept; the oldest went. */
  'staged-overflow',
  /** The handshake was given up after REKEY_ATTEMPT_TIME. */
  'handshake-timeout',
  /** A datagram of the device itself came back to it: the peer's endpoint lies within the tunnel. */
  'routing-loop',
  /** The packet does not fit the path to the peer. */
  'too-big',
  /** The underlay refused the datagram. */
  'send-failed',
  /** The time to live, or hop limit, ran out at this router. */
  'ttl-exceeded',
  /** A checksum of the inner packet is wrong. */
  'checksum-invalid',
  /** The peer, member or device went away while the packet waited. */
  'removed',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/**
 * What became of a packet. `deliver`: an inner packet waits in `pollPacket`; `transmit`: a datagram waits in
 * `pollTransmit`; `stage`: kept until a session exists; `consume`: a handshake message or keepalive did its work.
 */
export type PacketVerdict =
  | { readonly kind: 'deliver' }
  | { readonly kind: 'transmit' }
  | { readonly kind: 'stage' }
  | { readonly kind: 'consume' }
  | { readonly kind: 'drop'; readonly reason: DropReason };

export const DELIVER: PacketVerdict = { kind: 'deliver' };
export const TRANSMIT: PacketVerdict = { kind: 'transmit' };
export const STAGE: PacketVerdict = { kind: 'stage' };
export const CONSUME: PacketVerdict = { kind: 'consume' };

const drops = new Map<DropReason, PacketVerdict>(
  DROP_REASONS.map((reason) => [reason, { kind: 'drop', reason }]),
);

/** The verdict of a drop; the same object for the same reason, so that a flood allocates nothing. */
export function drop(reason: DropReason): PacketVerdict {
  return drops.get(reason)!;
}
