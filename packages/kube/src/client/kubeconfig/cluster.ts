import { isIP } from 'node:net';
import type { AddressPolicy } from '../address-policy.ts';
import { hostOf, parseServerUrl } from '../server-url.ts';
import type { ServerUrl } from '../server-url.ts';
import { checkFields, refuse, textField } from './fields.ts';
import type { FieldRule, Section } from './fields.ts';
import { decodeBase64, isCertificateChain } from './pem.ts';

const CLUSTER_FIELDS: Readonly<Record<string, FieldRule>> = {
  server: 'read',
  'certificate-authority-data': 'read',
  'tls-server-name': 'read',
  'insecure-skip-tls-verify': 'read',
  extensions: 'ignore',
  'disable-compression': 'ignore',
  'certificate-authority': 'certificate-authority-file',
  'proxy-url': 'proxy-url',
};

export type KubeconfigCluster = {
  readonly server: ServerUrl;
  readonly caPem?: string;
  readonly tlsServerName?: string;
};

/** Reads a cluster: its server, its CA as data, the name in its certificate. Everything else is refused. */
export function readCluster(section: Section, addressPolicy: AddressPolicy): KubeconfigCluster | undefined {
  const nBefore = section.refusals.length;
  checkFields(section, CLUSTER_FIELDS);
  const skip = section.map.get('insecure-skip-tls-verify');
  if (skip !== undefined && skip !== null && skip !== false) {
    refuse(section, 'insecure-skip-tls-verify', 'insecure-skip-tls-verify');
  }
  const server = readServer(section, addressPolicy);
  const caPem = readAuthority(section);
  const tlsServerName = readServerName(section);
  if (server === undefined || section.refusals.length > nBefore) return undefined;
  return {
    server,
    ...(caPem === undefined ? {} : { caPem }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
  };
}

function readServer(section: Section, addressPolicy: AddressPolicy): ServerUrl | undefined {
  const text = textField(section, 'server');
  if (text === undefined || text === '') {
    if (section.map.get('server') === undefined || text === '') refuse(section, 'missing-server', 'server');
    return undefined;
  }
  const server = parseServerUrl(text);
  if (!server.ok) {
    refuse(section, server.error, 'server');
    return undefined;
  }
  const host = hostOf(server.value);
  if (isIP(host) !== 0 && !addressPolicy(host).allowed) {
    refuse(section, 'server-address-refused', 'server');
    return undefined;
  }
  return server.value;
}

function readAuthority(section: Section): string | undefined {
  const data = textField(section, 'certificate-authority-data');
  if (data === undefined || data === '') return undefined;
  const pem = decodeBase64(data);
  if (pem !== undefined && isCertificateChain(pem)) return pem;
  refuse(section, 'bad-certificate-authority', 'certificate-authority-data');
  return undefined;
}

function readServerName(section: Section): string | undefined {
  const name = textField(section, 'tls-server-name');
  if (name === undefined || name === '') return undefined;
  if (name.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(name)) {
    return name;
  }
  refuse(section, 'bad-tls-server-name', 'tls-server-name');
  return undefined;
}
