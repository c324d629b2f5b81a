import { isIPv4, isIPv6 } from 'node:net';

/** Tells whether a text has the form that an OpenAPI format names. */
export type FormatCheck = (text: string) => boolean;

/** The check of a format; undefined for formats that Kubernetes ignores. `date-time` and `datetime` are one. */
export function formatCheck(format: string): FormatCheck | undefined {
  return checks.get(format.replaceAll('-', ''));
}

/** Whether Kubernetes checks a format of custom resources. */
export function isCheckedFormat(format: string): boolean {
  return format !== 'quantity' && formatCheck(format) !== undefined;
}

const uuid = (version: string, variant = '[0-9a-f]') =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i');

const checks = new Map<string, FormatCheck>([
  ['datetime', isDateTime],
  ['date', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDateTime(`${text}T00:00:00Z`)],
  ['duration', isDuration],
  ['uri', isRequestUri],
  ['email', (text) => /^[^\s@<>()]{1,64}@[^\s@<>()]{1,255}$/.test(text)],
  ['hostname', isHostname],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['cidr', isCidr],
  ['mac', isMac],
  ['uuid', matcher(uuid('[0-9a-f]'))],
  ['uuid3', matcher(uuid('3'))],
  ['uuid4', matcher(uuid('4', '[89ab]'))],
  ['uuid5', matcher(uuid('5', '[89ab]'))],
  ['byte', isBase64],
  ['hexcolor', (text) => /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)],
  ['password', () => true],
  ['quantity', isQuantity],
]);

/** RFC 3339, with leap seconds refused as Go refuses them. */
export function isDateTime(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/i.exec(text);
  if (!parts) return false;
  const [year, month, day, hour, minute, second, zoneHour = 0, zoneMinute = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (
    month! < 1 ||
    month! > 12 ||
    hour! > 23 ||
    minute! > 59 ||
    second! > 59 ||
    zoneHour > 23 ||
    zoneMinute > 59
  )
    return false;
  return day! >= 1 && day! <= daysOf(year!, month!);
}

/** `resource.Quantity`: a decimal number with an SI, binary or exponent suffix. */
export function isQuantity(text: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/.test(text);
}

function matcher(pattern: RegExp): FormatCheck {
  return (text) => pattern.test(text);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

const durationUnits = new Set('ns us µs ms s m h d w wk'.split(' '));
const unitWords = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];

/** Go's durations, and texts with a number and a unit somewhere, such as `3 days`. */
function isDuration(text: string): boolean {
  if (/^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true;
  for (const [, word] of text.matchAll(/\d+\s*([A-Za-zµ]+)/g)) {
    const unit = word!.toLowerCase();
    if (durationUnits.has(unit) || unit === 'hr' || unitWords.some((prefix) => unit.startsWith(prefix)))
      return true;
  }
  return false;
}

function isRequestUri(text: string): boolean {
  if (text.startsWith('/')) return !/\s/.test(text);
  return URL.canParse(text);
}

const hostLetter = String.raw`a-zA-Z0-9\p{S}\p{L}`;
const hostLabel = `[${hostLetter}](?:[${hostLetter}-]{0,61}[${hostLetter}])?`;
const hostname = new RegExp(
  String.raw`^(?:[${hostLetter}](?:-?[${hostLetter}]{0,62})?|(?:${hostLabel}\.)+[a-zA-Z\p{L}]{2,63})$`,
  'u',
);

/** kube-openapi's idea of host names: dashes in a name without dots only after the first letter. */
function isHostname(text: string): boolean {
  return hostname.test(text) && Buffer.byteLength(text) <= 255;
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/');
  const length = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return false;
  const address = text.slice(0, slash);
  return (isIPv4(address) && Number(length) <= 32) || (isIPv6(address) && Number(length) <= 128);
}

function isMac(text: string): boolean {
  return (
    /^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}(?:[0-9a-f]{2}\1){0,2}[0-9a-f]{2}$/i.test(text) ||
    /^(?:[0-9a-f]{4}\.){2,3}[0-9a-f]{4}$/i.test(text)
  );
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
