import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ContainerStartError } from '../node-runtime.ts';

/** Which program each image stands for. */
export interface ImageTable {
  /** The command of an image. Throws ContainerStartError for an image that the lab does not have. */
  programOf(image: string): string[];
}

/** The module of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'flatland.dev/agent': '@flatland/dataplane/build/agent.js',
  'flatland.dev/controller': '@flatland/controller/build/controller.js',
  'flatland.dev/forwarder': '@flatland/dataplane/build/forwarder.js',
  'flatland.dev/mesh-stand-in': '@flatland/lab/programs/mesh-stand-in',
  'flatland.dev/sample-workload': '@flatland/lab/programs/sample-workload',
};

/** The lab's images: programs of this checkout, run by the Node that runs the lab. Tags are not looked at. */
export function labImages(nodePath: string): ImageTable {
  return {
    programOf(image) {
      const name = image.replace(/[:@].*$/, '');
      const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
      const path = program === undefined ? undefined : fileURLToPath(import.meta.resolve(program));
      if (program === undefined || path === undefined || !existsSync(path)) {
        const known = Object.keys(PROGRAMS).join(', ');
        throw new ContainerStartError('ErrImagePull', `the lab has no image ${image}; it has ${known}`);
      }
      return [nodePath, path];
    },
  };
}
