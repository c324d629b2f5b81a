import type { Brand } from '../model/brand.ts';
import { err, ok, type Result } from '../result.ts';

/** An IPv4 or IPv6 address in canonical text (dotted decimal; RFC 5952). */
export type IpAddress = Brand<string, 'IpAddress'>;
export type IpFamily = 4 | 6;

/** An address as number, for arithmetic. */
export interface IpValue {
  readonly family: IpFamily;
  readonly bits: bigint;
}

/** Number of bits of an address of the family. */
export function familyBits(family: IpFamily): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Parses strict text: four decimal parts without leading zeros, or RFC 4291 IPv6 without zone. */
export function parseIpValue(text: string): Result<IpValue, string> {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Parses an address and gives its canonical text. */
export function parseIpAddress(text: string): Result<IpAddress, string> {
  const parsed = parseIpValue(text);
  return parsed.ok ? ok(formatIp(parsed.value)) : parsed;
}

/** The number of an address that was parsed before. */
export function ipValue(address: IpAddress): IpValue {
  const parsed = parseIpValue(address);
  if (!parsed.ok) throw new Error(`not an address: ${address}`);
  return parsed.value;
}

/** Canonical text of an address (RFC 5952 for IPv6). */
export function formatIp(value: IpValue): IpAddress {
  return (value.family === 4 ? formatIpv4(value.bits) : formatIpv6(value.bits)) as IpAddress;
}

function parseIpv4(text: string): Result<IpValue, string> {
  const parts = text.split('.');
  if (parts.length !== 4) return err(`${quote(text)} is not an IP address`);
  let bits = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255)
      return err(`${quote(text)} is not an IPv4 address`);
    bits = (bits << 8n) | BigInt(part);
  }
  return ok({ family: 4, bits });
}

function parseIpv6(text: string): Result<IpValue, string> {
  const fail = err(`${quote(text)} is not an IPv6 address`);
  const halves = text.split('::');
  if (halves.length > 2) return fail;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return fail;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return fail;
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return ok({ family: 6, bits: all.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n) });
}

function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const v4 = parseIpv4(part);
      if (!v4.ok) return undefined;
      out.push(Number(v4.value.bits >> 16n), Number(v4.value.bits & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return out;
}

function formatIpv4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.');
}

function formatIpv6(bits: bigint): string {
  const parts = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(112 - 16 * i)) & 0xffffn));
  const run = longestZeroRun(parts);
  const hex = parts.map((part) => part.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(parts: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < parts.length; i++) {
    let length = 0;
    while (parts[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
  }
  return best;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
