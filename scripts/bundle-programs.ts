import { accessSync, constants, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

/**
 * `npm run build`: makes one JavaScript file of each program that runs inside clusters, which is what an image and the
 * lab's pods start. Started from its TypeScript sources each would hold a compiler and hundreds of modules in memory
 * for as long as it runs.
 *
 *   node scripts/bundle-programs.ts [names; default all]
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAMS: Readonly<Record<string, { readonly source: string; readonly bundle: string }>> = {
  agent: {
    source: 'packages/dataplane/src/agent/agent-main.ts',
    bundle: 'packages/dataplane/build/agent.js',
  },
  controller: {
    source: 'packages/controller/src/main.ts',
    bundle: 'packages/controller/build/controller.js',
  },
  forwarder: {
    source: 'packages/dataplane/src/wireguard/forwarder-main.ts',
    bundle: 'packages/dataplane/build/forwarder.js',
  },
};

/**
 * The part of undici that the Kubernetes client uses. The package has one entry, which also loads fetch, WebSocket,
 * caches and mocks; where the client begins to use more of it, the bundler says that the name is not exported.
 */
const UNDICI = `
import api from 'undici/lib/api/index.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
Object.assign(Dispatcher.prototype, api);
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
export { default as buildConnector } from 'undici/lib/core/connect.js';
export { default as errors } from 'undici/lib/core/errors.js';
`;
const smallUndici: Plugin = {
  name: 'small-undici',
  resolveId: (id) => (id === 'undici' ? '\0undici' : undefined),
  load: (id) => (id === '\0undici' ? UNDICI.replaceAll("'undici/", `'${dirname(undici)}/`) : undefined),
};
/**
 * What `node:http` loads all of Node's undici for. An import in an ES module reads everything that a built-in module
 * exports, these as well: a sixth of an agent's memory, for nothing that it uses.
 */
const LOADS_UNDICI: readonly string[] = ['WebSocket', 'CloseEvent', 'MessageEvent'];
const HTTP = 'node:http';
const smallHttp: Plugin = {
  name: 'small-http',
  resolveId: (id) => (id === HTTP ? `\0${HTTP}` : undefined),
  load(id) {
    if (id !== `\0${HTTP}`) return undefined;
    const names = Object.keys(process.getBuiltinModule(HTTP)).filter((name) => !LOADS_UNDICI.includes(name));
    return `export const { ${names.join(', ')} } = process.getBuiltinModule('${HTTP}');`;
  },
};
const undici = createRequire(join(ROOT, 'packages/kube/package.json')).resolve('undici');

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PROGRAMS);
await Promise.all(names.map(bundle));

/** The file appears when it is whole: others may be starting it. */
async function bundle(name: string): Promise<void> {
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error(`there is no program ${name}`);
  const path = join(ROOT, program.bundle);
  // An ordinary user of somebody else's checkout starts what was bundled for it.
  if (existsSync(path) && !isWritable(dirname(path))) return;
  const unfinished = join(dirname(path), `.${name}-${process.pid}.js`);
  try {
    await build({
      input: join(ROOT, program.source),
      cwd: ROOT,
      platform: 'node',
      logLevel: 'warn',
      // Looks for its binary beside itself.
      external: ['koffi'],
      plugins: [smallUndici, smallHttp],
      // Names and lines stay, for stack traces.
      output: {
        file: unfinished,
        format: 'esm',
        codeSplitting: false,
        comments: { legal: true, annotation: false, jsdoc: false },
      },
    });
    writeFileSync(unfinished, inAscii(readFileSync(unfinished, 'utf8')));
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  process.stdout.write(`${program.bundle}\n`);
}

/** V8 keeps a source with any other character as two bytes each. Outside of comments they are all in literals. */
function inAscii(source: string): string {
  return source.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
