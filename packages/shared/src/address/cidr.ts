import type { Brand } from '../model/brand.ts';
import { err, ok, type Result } from '../result.ts';
import { familyBits, formatIp, parseIpValue, type IpFamily } from './ip.ts';

/** A prefix in canonical text: network address without host bits, slash, length. */
export type Cidr = Brand<string, 'Cidr'>;

/** A prefix as numbers, for arithmetic; `first` has no host bits. */
export interface CidrValue {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly length: number;
}

/** Parses a prefix; refuses host bits and missing or malformed lengths, saying what was meant. */
export function parseCidrValue(text: string): Result<CidrValue, string> {
  const [address, length, rest] = text.split('/');
  if (address === undefined || length === undefined || rest !== undefined)
    return err(
      `${JSON.stringify(text.slice(0, 64))} is not a prefix; write it as ADDRESS/LENGTH, for example 10.81.0.0/16`,
    );
  const ip = parseIpValue(address);
  if (!ip.ok) return ip;
  const bits = familyBits(ip.value.family);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > bits)
    return err(`prefix length of ${JSON.stringify(text.slice(0, 64))} must be a number from 0 to ${bits}`);
  const hostBits = BigInt(bits - Number(length));
  const first = (ip.value.bits >> hostBits) << hostBits;
  const value = { family: ip.value.family, first, length: Number(length) };
  if (first !== ip.value.bits) return err(`${text} has host bits set; did you mean ${formatCidr(value)}?`);
  return ok(value);
}

/** Parses a prefix and gives its canonical text. */
export function parseCidr(text: string): Result<Cidr, string> {
  const parsed = parseCidrValue(text);
  return parsed.ok ? ok(formatCidr(parsed.value)) : parsed;
}

/** The same few prefixes are asked about over and over. */
const known = new Map<Cidr, CidrValue>();
const MAX_KNOWN = 4096;

/** The numbers of a prefix that was parsed before. */
export function cidrValue(cidr: Cidr): CidrValue {
  const found = known.get(cidr);
  if (found !== undefined) return found;
  const parsed = parseCidrValue(cidr);
  if (!parsed.ok) throw new Error(`not a prefix: ${cidr}`);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(cidr, parsed.value);
  return parsed.value;
}

/** Canonical text of a prefix. */
export function formatCidr(value: CidrValue): Cidr {
  return `${formatIp({ family: value.family, bits: value.first })}/${value.length}` as Cidr;
}
