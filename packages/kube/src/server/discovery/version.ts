/** What `/version` says: the Kubernetes release whose API this is. */
export const VERSION = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.13+flatland',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: 'linux/amd64',
} as const;
