import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exportInstall } from '../src/commands/export-install.ts';
import own from '../package.json' with { type: 'json' };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatland-export-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const io = { env: {}, out: () => {}, err: () => {} };

test('writes what is installed, a file an object, in the order that kubectl takes files of a folder in', () => {
  exportInstall(io, { behindNat: true }, { directory, cluster: 'east' });
  const image = `flatland.dev/flatland:${own.version}`;
  const images = { agent: image, forwarder: image, controller: image };
  const files = readdirSync(directory).toSorted();
  expect(files.map((name) => parse(readFileSync(join(directory, name), 'utf8')) as object)).toEqual(
    installManifests({ cluster: 'east', images, behindNat: true }),
  );
  expect(files[0]).toBe('00-namespace-flatland-system.yaml');
});

test.each([
  [{ image: 'Registry.example/x y' }, 'is no name of an image'],
  [{ imageAgent: 'x --privileged' }, 'is no name of an image'],
])('refuses %j and writes nothing', (flags, message) => {
  expect(() => exportInstall(io, flags, { directory, cluster: 'east' })).toThrow(message);
  expect(readdirSync(directory)).toEqual([]);
});

test('refuses a name that no cluster can have', () => {
  expect(() => exportInstall(io, {}, { directory, cluster: '../east' })).toThrow('must be a DNS label');
});
