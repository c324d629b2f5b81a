import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packTree } from './pack-tree.ts';

/** What an image is called and says of itself. */
export interface ImageDescription {
  /** Repository and tag, as a pod names it. */
  readonly reference: string;
  readonly version: string;
  readonly architecture: string;
  /** Roots, the lowest layer first. */
  readonly layers: readonly string[];
  /** Settings of the image's containers; OCI image specification, `config`. */
  readonly config: object;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const OCI = 'application/vnd.oci.image';

/**
 * Writes an image as an OCI image layout, and as a tar file of it that `ctr image import` and `docker load` take; gives the digest of its
 * manifest. Layers are not compressed, and nothing has a time, so that the same roots give the same digest on every
 * machine.
 */
export async function writeOciLayout(
  image: ImageDescription,
  paths: { readonly layout: string; readonly tar: string },
): Promise<string> {
  await rm(paths.layout, { recursive: true, force: true });
  const blobs = join(paths.layout, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const layers: Descriptor[] = [];
  for (const root of image.layers) layers.push(await layerOf(root, blobs));
  const config = await jsonBlob(blobs, `${OCI}.config.v1+json`, {
    architecture: image.architecture,
    os: 'linux',
    created: new Date(0).toISOString(),
    config: image.config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = await jsonBlob(blobs, `${OCI}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config,
    layers,
  });
  const annotations = {
    'io.containerd.image.name': image.reference,
    'org.opencontainers.image.ref.name': image.version,
  };
  const platform = { architecture: image.architecture, os: 'linux' };
  await writeJson(join(paths.layout, 'index.json'), {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [{ ...manifest, platform, annotations }],
  });
  await writeJson(join(paths.layout, 'oci-layout'), { imageLayoutVersion: '1.0.0' });
  await packTree(paths.layout, `${paths.tar}.new`);
  await rename(`${paths.tar}.new`, paths.tar);
  return manifest.digest;
}

async function layerOf(root: string, blobs: string): Promise<Descriptor> {
  const unnamed = join(blobs, 'layer.new');
  await packTree(root, unnamed);
  const hash = createHash('sha256');
  await pipeline(createReadStream(unnamed), hash);
  const digest = hash.digest('hex');
  await rename(unnamed, join(blobs, digest));
  const { size } = await stat(join(blobs, digest));
  return { mediaType: `${OCI}.layer.v1.tar`, digest: `sha256:${digest}`, size };
}

async function jsonBlob(blobs: string, mediaType: string, value: object): Promise<Descriptor> {
  const text = JSON.stringify(value);
  const digest = createHash('sha256').update(text).digest('hex');
  await writeFile(join(blobs, digest), text);
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, JSON.stringify(value));
}
