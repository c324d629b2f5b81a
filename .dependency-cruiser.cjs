/** Import directions of the workspaces and of their folders; ARCHITECTURE.md says why. */
const to = (path) => ({ path });
const workspaces = 'packages/(shared|kube|controller|dataplane)|apps/(web|bff|lab|cli)|e2e';

/** A rule that a workspace imports no other workspaces than those allowed. */
const only = (from, allowed) => ({
  name: `${from.replace('/', '-')}-imports`,
  comment: `${from} imports ${allowed.length > 0 ? allowed.join(', ') : 'no other workspace'}`,
  severity: 'error',
  from: to(`^${from}/`),
  to: { path: `^(${workspaces})/`, pathNot: `^(${[from, ...allowed].join('|')})/` },
});

/** A rule that files of a folder do no I/O: no Node built-ins. */
const pure = (name, path) => ({
  name: `${name}-does-no-io`,
  comment: 'Folder names say what may happen inside; this one does no I/O',
  severity: 'error',
  from: { path, pathNot: '\\.test\\.ts$' },
  // `isIP` of node:net looks at a text and does nothing else.
  to: { dependencyTypes: ['core'], pathNot: '^net$' },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { pathNot: '^apps/web/' },
      to: { couldNotResolve: true },
    },
    only('packages/shared', []),
    only('packages/kube', ['packages/shared']),
    only('packages/controller', ['packages/shared', 'packages/kube']),
    only('packages/dataplane', ['packages/shared', 'packages/kube']),
    only('apps/bff', ['packages/shared', 'packages/kube']),
    only('apps/cli', [
      'packages/shared',
      'packages/kube',
      'packages/dataplane/src/wireguard',
      'apps/bff/src',
    ]),
    only('apps/lab', ['packages/shared', 'packages/kube', 'packages/controller', 'packages/dataplane']),
    only('apps/web', ['packages/shared', 'apps/bff/src']),
    {
      name: 'web-imports-types-of-bff-only',
      severity: 'error',
      from: to('^apps/web/'),
      to: { path: '^apps/bff/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'cli-imports-types-of-bff-only',
      comment: 'Types, and the flags and environment that the console is started with',
      severity: 'error',
      from: to('^apps/cli/'),
      to: {
        path: '^apps/bff/',
        pathNot: '^apps/bff/src/(launch|environment)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'client-and-server-meet-over-http',
      comment: 'The Kubernetes client knows nothing of the embedded server, nor the server of the client',
      severity: 'error',
      from: { path: '^packages/kube/src/client/', pathNot: '\\.test\\.ts$' },
      to: to('^packages/kube/src/server/'),
    },
    {
      name: 'server-does-not-import-client',
      severity: 'error',
      from: { path: '^packages/kube/src/server/', pathNot: '\\.test\\.ts$' },
      to: to('^packages/kube/src/client/'),
    },
    {
      name: 'core-imports-core',
      comment: 'The protocol core meets the world through ports that are given to it',
      severity: 'error',
      from: { path: '^packages/dataplane/src/core/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(packages|apps)/', pathNot: '^packages/(dataplane/src/core|shared/src)/' },
    },
    {
      name: 'ports-hold-types',
      comment: 'Ports know the core and each other, never their adapters',
      severity: 'error',
      from: to('^packages/dataplane/src/ports/'),
      to: to('^packages/dataplane/src/(io|wireguard)/'),
    },
    pure('shared', '^packages/shared/src/'),
    pure('core', '^packages/dataplane/src/core/'),
    pure('compile', '^packages/dataplane/src/agent/(compile|addresses)/'),
    pure('patch-and-schema', '^packages/kube/src/server/(patch|schema)/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(\\.next|/out/|/__snapshots__/|\\.test\\.tsx?$|/test/|/bench/)' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  },
};
