import type { ServerUrlFault } from '../server-url.ts';

/** What is wrong with a kubeconfig, and where: a path such as `users[0].user.exec`. Never holds a value. */
export type KubeconfigRefusal = { readonly reason: KubeconfigReason; readonly where: string };

/** Every reason for which a kubeconfig, or one of its contexts, is refused. */
export type KubeconfigReason =
  | ServerUrlFault
  | 'too-large'
  | 'too-deep'
  | 'not-yaml'
  | 'aliases'
  | 'tags'
  | 'duplicate-key'
  | 'several-documents'
  | 'not-a-kubeconfig'
  | 'wrong-type'
  | 'unknown-field'
  | 'bad-name'
  | 'duplicate-name'
  | 'too-many-entries'
  | 'no-context'
  | 'missing-cluster'
  | 'missing-user'
  | 'missing-server'
  | 'server-address-refused'
  | 'exec'
  | 'auth-provider'
  | 'token-file'
  | 'basic-auth'
  | 'impersonation'
  | 'certificate-authority-file'
  | 'client-certificate-file'
  | 'client-key-file'
  | 'proxy-url'
  | 'insecure-skip-tls-verify'
  | 'bad-certificate-authority'
  | 'bad-client-certificate'
  | 'bad-client-key'
  | 'client-key-encrypted'
  | 'certificate-without-key'
  | 'bad-token'
  | 'bad-tls-server-name'
  | 'bad-namespace'
  | 'no-credential'
  | 'several-credentials';

/** For each reason, what it says to people and what to do next. */
export const KUBECONFIG_REFUSALS: Readonly<Record<KubeconfigReason, { text: string; next: string }>> = {
  'too-large': {
    text: 'The file is larger than 1 MiB',
    next: 'Export one context: kubectl config view --minify --flatten',
  },
  'too-deep': {
    text: 'The file is nested deeper than any kubeconfig',
    next: 'Check that it is a kubeconfig',
  },
  'not-yaml': { text: 'The file is neither YAML nor JSON', next: 'Check that all of it was copied' },
  aliases: { text: 'The file uses YAML anchors or aliases', next: 'Write the values out' },
  tags: { text: 'The file uses YAML tags', next: 'Remove the tags' },
  'duplicate-key': { text: 'A field appears twice', next: 'Remove one of them' },
  'several-documents': { text: 'The file holds several documents', next: 'Keep one kubeconfig' },
  'not-a-kubeconfig': { text: 'It is not a v1 Config object', next: 'Check that it is a kubeconfig' },
  'wrong-type': {
    text: 'The field has a value of another type',
    next: 'Compare it with the output of kubectl config view',
  },
  'unknown-field': { text: 'The field is not known here', next: 'Remove it' },
  'bad-name': { text: 'The name is empty, too long or holds control characters', next: 'Rename it' },
  'duplicate-name': { text: 'Two entries have the same name', next: 'Rename one of them' },
  'too-many-entries': {
    text: 'The file has more than 1000 entries',
    next: 'Export one context: kubectl config view --minify --flatten',
  },
  'no-context': {
    text: 'The file has no context',
    next: 'Add a context, or export one: kubectl config view --minify --flatten',
  },
  'missing-cluster': {
    text: 'The context names a cluster that the file does not have',
    next: 'Export it whole: kubectl config view --minify --flatten',
  },
  'missing-user': {
    text: 'The context names a user that the file does not have',
    next: 'Export it whole: kubectl config view --minify --flatten',
  },
  'missing-server': { text: 'The cluster has no server', next: 'Add the URL of its API server' },
  'server-not-a-url': { text: 'The server is not a URL', next: 'Write it as https://HOST:PORT' },
  'server-not-https': {
    text: 'The server is not reached over https',
    next: 'Use the https address of the API server',
  },
  'server-with-userinfo': {
    text: 'The server URL holds a user or password',
    next: 'Remove them, and use a token',
  },
  'server-with-query': {
    text: 'The server URL holds a query',
    next: 'Remove what follows the question mark',
  },
  'server-with-fragment': {
    text: 'The server URL holds a fragment',
    next: 'Remove what follows the number sign',
  },
  'server-path-unsafe': {
    text: 'The path of the server URL is not plain',
    next: 'Write it without dots, escapes and doubled slashes',
  },
  'server-host-not-canonical': {
    text: 'The host of the server URL can be read in two ways',
    next: 'Write the address in its usual form, or a DNS name',
  },
  'server-address-refused': {
    text: 'No API server has that address',
    next: 'Use the address of the API server',
  },
  exec: {
    text: 'The user runs a program to log in, and no program from a kubeconfig is ever run',
    next: 'Make a service account token: kubectl create token NAME',
  },
  'auth-provider': {
    text: 'The user logs in by an auth-provider plugin, and none is ever run',
    next: 'Make a service account token: kubectl create token NAME',
  },
  'token-file': {
    text: 'The token is in a file, and no file that a kubeconfig names is ever read',
    next: 'Paste the token as token',
  },
  'basic-auth': {
    text: 'The user logs in by password, which Kubernetes no longer takes',
    next: 'Make a service account token: kubectl create token NAME',
  },
  impersonation: { text: 'The user acts as somebody else', next: 'Use credentials of its own' },
  'certificate-authority-file': {
    text: 'The CA is in a file, and no file that a kubeconfig names is ever read',
    next: 'Embed it: kubectl config view --minify --flatten',
  },
  'client-certificate-file': {
    text: 'The client certificate is in a file, and no file that a kubeconfig names is ever read',
    next: 'Embed it: kubectl config view --minify --flatten',
  },
  'client-key-file': {
    text: 'The client key is in a file, and no file that a kubeconfig names is ever read',
    next: 'Embed it: kubectl config view --minify --flatten',
  },
  'proxy-url': {
    text: 'The cluster is behind a proxy, and none is ever used',
    next: 'Use an address that is reached directly',
  },
  'insecure-skip-tls-verify': {
    text: 'The server’s certificate would not be checked',
    next: 'Give the CA as certificate-authority-data',
  },
  'bad-certificate-authority': {
    text: 'certificate-authority-data is not base64 of PEM certificates',
    next: 'Export it again: kubectl config view --minify --flatten',
  },
  'bad-client-certificate': {
    text: 'client-certificate-data is not base64 of PEM certificates',
    next: 'Export it again: kubectl config view --minify --flatten',
  },
  'bad-client-key': {
    text: 'client-key-data is not base64 of a PEM private key, or not that of the certificate',
    next: 'Export it again: kubectl config view --minify --flatten',
  },
  'client-key-encrypted': { text: 'The client key is encrypted', next: 'Decrypt it, or use a token' },
  'certificate-without-key': {
    text: 'Of client certificate and key there is only one',
    next: 'Give both, or use a token',
  },
  'bad-token': { text: 'The token holds characters that no token has', next: 'Copy it again, in one line' },
  'bad-tls-server-name': {
    text: 'tls-server-name is not a DNS name',
    next: 'Write the name that the server’s certificate carries',
  },
  'bad-namespace': { text: 'The namespace is not a DNS label', next: 'Correct it' },
  'no-credential': {
    text: 'The user has no token and no client certificate',
    next: 'Make a service account token: kubectl create token NAME',
  },
  'several-credentials': { text: 'The user has a token and a client certificate', next: 'Keep one of them' },
};

/** One line for people. */
export function kubeconfigRefusalText(refusal: KubeconfigRefusal): string {
  const { text, next } = KUBECONFIG_REFUSALS[refusal.reason];
  return `${refusal.where === '' ? '' : `${refusal.where}: `}${text}. ${next}`;
}
