import { X509Certificate } from 'node:crypto';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MAX_CERTIFICATES = 100;

/** Decodes strict base64 (RFC 4648 §4; line breaks are skipped) into text, or undefined. */
export function decodeBase64(data: string): string | undefined {
  const joined = data.replace(/\s+/g, '');
  return joined !== '' && BASE64.test(joined) ? Buffer.from(joined, 'base64').toString('utf8') : undefined;
}

/** Whether a text is one or more PEM certificates (RFC 7468 §5) and no other PEM block. */
export function isCertificateChain(pem: string): boolean {
  const labels = [...pem.matchAll(/-----BEGIN ([^-]*)-----/g)].map((match) => match[1]);
  if (labels.length === 0 || labels.length > MAX_CERTIFICATES) return false;
  if (labels.some((label) => label !== 'CERTIFICATE')) return false;
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.length === labels.length && blocks.every(isCertificate);
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}
