import { X509Certificate, createPrivateKey } from 'node:crypto';
import { sensitive } from '../sensitive.ts';
import type { Credential } from '../connection.ts';
import { checkFields, refuse, textField } from './fields.ts';
import type { FieldRule, Section } from './fields.ts';
import { decodeBase64, isCertificateChain } from './pem.ts';

const USER_FIELDS: Readonly<Record<string, FieldRule>> = {
  token: 'read',
  'client-certificate-data': 'read',
  'client-key-data': 'read',
  extensions: 'ignore',
  exec: 'exec',
  'auth-provider': 'auth-provider',
  tokenFile: 'token-file',
  'token-file': 'token-file',
  username: 'basic-auth',
  password: 'basic-auth',
  as: 'impersonation',
  'as-uid': 'impersonation',
  'as-groups': 'impersonation',
  'as-user-extra': 'impersonation',
  'client-certificate': 'client-certificate-file',
  'client-key': 'client-key-file',
};

/** Reads a user: a token or a client certificate with its key, as data. Everything else is refused. */
export function readUser(section: Section): Credential | undefined {
  const nBefore = section.refusals.length;
  checkFields(section, USER_FIELDS);
  const token = textField(section, 'token');
  const certificate = textField(section, 'client-certificate-data');
  const key = textField(section, 'client-key-data');
  if (section.refusals.length > nBefore) return undefined;
  if (token !== undefined && token !== '' && (certificate ?? key) !== undefined) {
    refuse(section, 'several-credentials', '');
    return undefined;
  }
  if (token !== undefined && token !== '') return readToken(section, token);
  if (certificate === undefined && key === undefined) refuse(section, 'no-credential', '');
  else if (certificate === undefined || key === undefined) refuse(section, 'certificate-without-key', '');
  else return readClientCertificate(section, certificate, key);
  return undefined;
}

function readToken(section: Section, token: string): Credential | undefined {
  if (/^[\x21-\x7e]{1,16384}$/.test(token)) return { kind: 'token', token: sensitive(token) };
  refuse(section, 'bad-token', 'token');
  return undefined;
}

function readClientCertificate(section: Section, certificate: string, key: string): Credential | undefined {
  const certificatePem = decodeBase64(certificate);
  if (certificatePem === undefined || !isCertificateChain(certificatePem)) {
    refuse(section, 'bad-client-certificate', 'client-certificate-data');
    return undefined;
  }
  const keyPem = decodeBase64(key);
  if (keyPem !== undefined && /ENCRYPTED/.test(keyPem)) {
    refuse(section, 'client-key-encrypted', 'client-key-data');
    return undefined;
  }
  if (keyPem === undefined || !isKeyOf(certificatePem, keyPem)) {
    refuse(section, 'bad-client-key', 'client-key-data');
    return undefined;
  }
  return { kind: 'client-certificate', certificatePem, keyPem: sensitive(keyPem) };
}

function isKeyOf(certificatePem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}
