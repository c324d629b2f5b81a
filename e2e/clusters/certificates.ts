import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@flatland/lab/machine/run-command';
import { FAMILIES, type Cluster } from './layout.ts';
import { CLOCK_LIBRARY } from './packages.ts';

/** Where a certificate and its key are, PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** What the programs of one cluster show each other. Kubernetes: "PKI certificates and requirements". */
export interface ClusterCertificates {
  readonly ca: CertificateFiles;
  readonly apiServer: CertificateFiles;
  readonly kubeletClient: CertificateFiles;
  readonly admin: CertificateFiles;
  readonly controllerManager: CertificateFiles;
  readonly scheduler: CertificateFiles;
  readonly proxy: CertificateFiles;
  /** By node: what it is to the API server, and what it serves with. */
  readonly nodes: ReadonlyMap<
    string,
    { readonly client: CertificateFiles; readonly server: CertificateFiles }
  >;
  /** The key pair that signs tokens of service accounts; the certificate is no more than its public half. */
  readonly serviceAccounts: CertificateFiles;
}

/** How long every certificate is valid. The clusters are made anew with `clusters:up`. */
const DAYS = '365';
/** Long ago, so that they are valid to who has a wrong clock, as those of a cluster that is not of today. */
const MADE = '-30d';

/** Only the request's own extensions, whatever the machine's OpenSSL is set up with. */
const OPENSSL_CONFIG = '[req]\ndistinguished_name = name\n[name]\n';

/** Makes a cluster's own authority and every certificate below it. */
export async function makeCertificates(directory: string, cluster: Cluster): Promise<ClusterCertificates> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o700);
  await writeFile(join(directory, 'openssl.cnf'), OPENSSL_CONFIG);
  const ca = await certificate(directory, 'ca', `/CN=${cluster.name}`, [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]);
  const below = (name: string, subject: string, ...extensions: string[]) =>
    certificate(directory, name, subject, ['basicConstraints=critical,CA:FALSE', ...extensions], ca);
  const client = (name: string, subject: string) => below(name, subject, 'extendedKeyUsage=clientAuth');
  const server = (name: string, subject: string, names: readonly string[]) =>
    below(name, subject, 'extendedKeyUsage=serverAuth', `subjectAltName=${names.join(',')}`);
  const nodes = new Map<string, { client: CertificateFiles; server: CertificateFiles }>();
  for (const { name, addresses } of cluster.nodes) {
    nodes.set(name, {
      client: await client(`${name}-client`, `/O=system:nodes/CN=system:node:${name}`),
      server: await server(`${name}-server`, `/CN=${name}`, [`DNS:${name}`, ...ipNames(addresses)]),
    });
  }
  return {
    ca,
    apiServer: await server('kube-apiserver', '/CN=kube-apiserver', [
      ...[
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
      ].map((name) => `DNS:${name}`),
      ...ipNames([
        ...cluster.control.addresses,
        ...cluster.apiAddresses,
        ...FAMILIES.map(({ apiServiceAddress }) => apiServiceAddress),
        '127.0.0.1',
      ]),
    ]),
    kubeletClient: await client('kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client'),
    admin: await client('admin', '/O=system:masters/CN=kubernetes-admin'),
    controllerManager: await client('kube-controller-manager', '/CN=system:kube-controller-manager'),
    scheduler: await client('kube-scheduler', '/CN=system:kube-scheduler'),
    proxy: await client('kube-proxy', '/CN=system:kube-proxy'),
    nodes,
    serviceAccounts: await certificate(directory, 'service-accounts', '/CN=service-accounts', []),
  };
}

/** Addresses as a certificate names them, each once. */
function ipNames(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].map((address) => `IP:${address}`);
}

/** A fresh P-256 key and a certificate over it, signed by itself or by another. */
async function certificate(
  directory: string,
  name: string,
  subject: string,
  extensions: readonly string[],
  issuer?: CertificateFiles,
): Promise<CertificateFiles> {
  const files = { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
  await runCommand('env', [
    `LD_PRELOAD=${CLOCK_LIBRARY}`,
    `FAKETIME=${MADE}`,
    'openssl',
    'req',
    '-x509',
    '-config',
    join(directory, 'openssl.cnf'),
    '-days',
    DAYS,
    '-subj',
    subject,
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    files.key,
    '-out',
    files.certificate,
    ...(issuer === undefined ? [] : ['-CA', issuer.certificate, '-CAkey', issuer.key]),
    ...extensions.flatMap((extension) => ['-addext', extension]),
  ]);
  return files;
}
