/** The four messages on the wire (WireGuard paper, section 5.4). Integers are little-endian. */
import { viewOf } from './bytes.ts';
import {
  MESSAGE_COOKIE_REPLY_BYTES,
  MESSAGE_COOKIE_REPLY_TYPE,
  MESSAGE_INITIATION_BYTES,
  MESSAGE_INITIATION_TYPE,
  MESSAGE_KEEPALIVE_BYTES,
  MESSAGE_RESPONSE_BYTES,
  MESSAGE_RESPONSE_TYPE,
  MESSAGE_TRANSPORT_HEADER_BYTES,
  MESSAGE_TRANSPORT_TYPE,
} from './constants.ts';

/** First message of a handshake. The MACs lie in the last 32 bytes and belong to the cookie machinery. */
export interface MessageInitiation {
  readonly sender: number;
  readonly ephemeral: Uint8Array;
  readonly encryptedStatic: Uint8Array;
  readonly encryptedTimestamp: Uint8Array;
}

/** Second message of a handshake. */
export interface MessageResponse {
  readonly sender: number;
  readonly receiver: number;
  readonly ephemeral: Uint8Array;
  readonly encryptedNothing: Uint8Array;
}

/** The answer of a responder under load. */
export interface MessageCookieReply {
  readonly receiver: number;
  readonly nonce: Uint8Array;
  readonly encryptedCookie: Uint8Array;
}

/** A view of a data message. */
export interface MessageTransportView {
  readonly receiver: number;
  readonly counter: bigint;
  readonly encryptedPacket: Uint8Array;
}

export type MessageKind = 'initiation' | 'response' | 'cookie-reply' | 'transport';

/** Tells what a datagram claims to be; nothing where type, reserved bytes and length do not fit together. */
export function messageKind(datagram: Uint8Array): MessageKind | undefined {
  if (datagram.length < MESSAGE_KEEPALIVE_BYTES) return undefined;
  if ((datagram[1]! | datagram[2]! | datagram[3]!) !== 0) return undefined;
  const type: number = datagram[0]!;
  switch (type) {
    case MESSAGE_INITIATION_TYPE:
      return datagram.length === MESSAGE_INITIATION_BYTES ? 'initiation' : undefined;
    case MESSAGE_RESPONSE_TYPE:
      return datagram.length === MESSAGE_RESPONSE_BYTES ? 'response' : undefined;
    case MESSAGE_COOKIE_REPLY_TYPE:
      return datagram.length === MESSAGE_COOKIE_REPLY_BYTES ? 'cookie-reply' : undefined;
    case MESSAGE_TRANSPORT_TYPE:
      return 'transport';
    default:
      return undefined;
  }
}

/** Reads an initiation; nothing where it is none. The parts are views of the datagram. */
export function parseMessageInitiation(datagram: Uint8Array): MessageInitiation | undefined {
  if (messageKind(datagram) !== 'initiation') return undefined;
  return {
    sender: viewOf(datagram).getUint32(4, true),
    ephemeral: datagram.subarray(8, 40),
    encryptedStatic: datagram.subarray(40, 88),
    encryptedTimestamp: datagram.subarray(88, 116),
  };
}

/** Writes an initiation with empty MACs; the number of bytes written. */
export function writeMessageInitiation(message: MessageInitiation, dst: Uint8Array): number {
  const view = viewOf(dst);
  view.setUint32(0, MESSAGE_INITIATION_TYPE, true);
  view.setUint32(4, message.sender, true);
  dst.set(message.ephemeral, 8);
  dst.set(message.encryptedStatic, 40);
  dst.set(message.encryptedTimestamp, 88);
  dst.fill(0, 116, MESSAGE_INITIATION_BYTES);
  return MESSAGE_INITIATION_BYTES;
}

/** Reads a response; nothing where it is none. */
export function parseMessageResponse(datagram: Uint8Array): MessageResponse | undefined {
  if (messageKind(datagram) !== 'response') return undefined;
  const view = viewOf(datagram);
  return {
    sender: view.getUint32(4, true),
    receiver: view.getUint32(8, true),
    ephemeral: datagram.subarray(12, 44),
    encryptedNothing: datagram.subarray(44, 60),
  };
}

/** Writes a response with empty MACs; the number of bytes written. */
export function writeMessageResponse(message: MessageResponse, dst: Uint8Array): number {
  const view = viewOf(dst);
  view.setUint32(0, MESSAGE_RESPONSE_TYPE, true);
  view.setUint32(4, message.sender, true);
  view.setUint32(8, message.receiver, true);
  dst.set(message.ephemeral, 12);
  dst.set(message.encryptedNothing, 44);
  dst.fill(0, 60, MESSAGE_RESPONSE_BYTES);
  return MESSAGE_RESPONSE_BYTES;
}

/** Reads a cookie reply; nothing where it is none. */
export function parseMessageCookieReply(datagram: Uint8Array): MessageCookieReply | undefined {
  if (messageKind(datagram) !== 'cookie-reply') return undefined;
  return {
    receiver: viewOf(datagram).getUint32(4, true),
    nonce: datagram.subarray(8, 32),
    encryptedCookie: datagram.subarray(32, 64),
  };
}

/** Writes a cookie reply; the number of bytes written. */
export function writeMessageCookieReply(message: MessageCookieReply, dst: Uint8Array): number {
  const view = viewOf(dst);
  view.setUint32(0, MESSAGE_COOKIE_REPLY_TYPE, true);
  view.setUint32(4, message.receiver, true);
  dst.set(message.nonce, 8);
  dst.set(message.encryptedCookie, 32);
  return MESSAGE_COOKIE_REPLY_BYTES;
}

/** Reads a transport message; nothing where it is none. */
export function parseMessageTransport(datagram: Uint8Array): MessageTransportView | undefined {
  if (messageKind(datagram) !== 'transport') return undefined;
  const view = viewOf(datagram);
  return {
    receiver: view.getUint32(4, true),
    counter: view.getBigUint64(8, true),
    encryptedPacket: datagram.subarray(MESSAGE_TRANSPORT_HEADER_BYTES),
  };
}

/** Writes a transport message's header; the payload follows at offset 16. */
export function writeTransportHeader(receiver: number, counter: bigint, dst: Uint8Array): number {
  const view = viewOf(dst);
  view.setUint32(0, MESSAGE_TRANSPORT_TYPE, true);
  view.setUint32(4, receiver, true);
  view.setBigUint64(8, counter, true);
  return MESSAGE_TRANSPORT_HEADER_BYTES;
}
