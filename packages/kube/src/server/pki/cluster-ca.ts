import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { readOrCreateSecret } from './secret-file.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const CA_YEARS = 10;
const SERVER_YEARS = 1;
const DAY_MS = 86_400_000;

/** Names by which the API server is reached, beside its address. */
const SERVER_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];
const SERVER_ADDRESSES = ['127.0.0.1', '::1', '10.96.0.1'];

/** The cluster's certificate authority and a server certificate of it. */
export interface ServerIdentity {
  readonly caCertPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/**
 * Opens the cluster's CA in a directory, making it (mode 0600) at the first start, and issues a server
 * certificate for this run.
 */
export async function openServerIdentity(
  directory: string,
  { clusterName, host, nowMs }: { clusterName: string; host: string; nowMs: number },
): Promise<ServerIdentity> {
  const [caKeyPem, caCertPem] = splitPem(
    await readOrCreateSecret(directory, 'ca.pem', () => createCa(clusterName, nowMs)),
  );
  const caKey = await importKey(caKeyPem);
  const ca = new x509.X509Certificate(caCertPem);
  const keys = await generateKeys();
  const addresses = /^[\d.]+$|:/.test(host) ? [...new Set([...SERVER_ADDRESSES, host])] : SERVER_ADDRESSES;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=kube-apiserver',
    issuer: ca.subject,
    serialNumber: randomSerial(),
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + SERVER_YEARS * 365 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: caKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.SubjectAlternativeNameExtension([
        ...SERVER_NAMES.map((value) => ({ type: 'dns' as const, value })),
        ...addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
    ],
  });
  return { caCertPem, certPem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

async function createCa(clusterName: string, nowMs: number): Promise<string> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`${clusterName} Kubernetes CA`] }],
    serialNumber: randomSerial(),
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + CA_YEARS * 365 * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${await exportKey(keys.privateKey)}\n${certificate.toString('pem')}\n`;
}

function splitPem(text: string): [keyPem: string, certPem: string] {
  const at = text.indexOf('-----BEGIN CERTIFICATE-----');
  return [text.slice(0, at), text.slice(at)];
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>;
}

function randomSerial(): string {
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}
