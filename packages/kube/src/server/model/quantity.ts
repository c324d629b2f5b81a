/** Powers of ten by decimal suffix, powers of two by binary suffix. */
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;
/** Amounts are kept as whole nanos, rounded up, as Kubernetes does. */
const NANO = 1_000_000_000n;
const MAX_DIGITS = 40;

/**
 * Writes an amount as Kubernetes does (apimachinery `resource.Quantity`): without a fraction, under the largest suffix
 * that loses nothing. `1000m` and `1` are `1`, `0.5` is `500m`, `1024Ki` is `1Mi`. Undefined for what is no amount.
 */
export function canonicalQuantity(text: string): string | undefined {
  const match = text.length > MAX_DIGITS ? null : QUANTITY.exec(text);
  if (!match) return undefined;
  const [, sign, digits = '', suffix = '', exponent] = match;
  const nanos = toNanos(digits, suffix, exponent === undefined ? undefined : Number(exponent));
  const minus = sign === '-' && nanos !== 0n ? '-' : '';
  if (exponent !== undefined) return minus + formatExponent(nanos);
  const isBinary = Object.hasOwn(BINARY, suffix);
  // Small or broken amounts of a binary suffix are written as decimals.
  if (isBinary && nanos % NANO === 0n && nanos >= 1024n * NANO) return minus + formatBinary(nanos / NANO);
  return minus + formatDecimal(nanos);
}

/** Compares two amounts: negative, zero or positive. What is no amount compares as zero. */
export function compareQuantities(left: string, right: string): number {
  const difference = nanosOf(left) - nanosOf(right);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function nanosOf(text: string): bigint {
  const match = text.length > MAX_DIGITS ? null : QUANTITY.exec(text);
  if (!match) return 0n;
  const [, sign, digits = '', suffix = '', exponent] = match;
  const nanos = toNanos(digits, suffix, exponent === undefined ? undefined : Number(exponent));
  return sign === '-' ? -nanos : nanos;
}

function toNanos(digits: string, suffix: string, exponent: number | undefined): bigint {
  const [whole = '', fraction = ''] = digits.split('.');
  let numerator = BigInt(whole + fraction || '0');
  let scale = 9 - fraction.length;
  if (exponent !== undefined) scale += exponent;
  else if (Object.hasOwn(BINARY, suffix)) numerator *= 2n ** BigInt(BINARY[suffix]!);
  else scale += DECIMAL[suffix]!;
  if (scale >= 0) return numerator * 10n ** BigInt(Math.min(scale, 60));
  const divisor = 10n ** BigInt(Math.min(-scale, 400));
  return (numerator + divisor - 1n) / divisor;
}

function formatDecimal(nanos: bigint): string {
  if (nanos === 0n) return '0';
  const [amount, power] = strip(nanos);
  const found = Object.entries(DECIMAL).find(([, candidate]) => candidate === power);
  return `${amount}${found?.[0] ?? ''}`;
}

function formatExponent(nanos: bigint): string {
  if (nanos === 0n) return '0';
  const [amount, power] = strip(nanos);
  return power === 0 ? String(amount) : `${amount}e${power}`;
}

/** Takes out thousands: the amount that is left, and its power of ten (a multiple of three, at most 18). */
function strip(nanos: bigint): [amount: bigint, power: number] {
  let amount = nanos;
  let power = -9;
  while (power < 18 && amount % 1000n === 0n) {
    amount /= 1000n;
    power += 3;
  }
  return [amount, power];
}

function formatBinary(units: bigint): string {
  let amount = units;
  let suffix = '';
  for (const candidate of Object.keys(BINARY)) {
    if (amount % 1024n !== 0n) break;
    amount /= 1024n;
    suffix = candidate;
  }
  return `${amount}${suffix}`;
}
