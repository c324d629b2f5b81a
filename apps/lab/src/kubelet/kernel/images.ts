import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ContainerStartError } from '../node-runtime.ts';

/** Which program each image stands for. */
export interface ImageTable {
  /** The command of an image. Throws ContainerStartError for an image that the lab does not have. */
  programOf(image: string, environment: Readonly<Record<string, string>>): string[];
}

type Program = {
  readonly module: string;
  readonly args?: (environment: Readonly<Record<string, string>>) => string[];
};

const PROGRAMS: Readonly<Record<string, Program>> = {
  'flatland.dev/agent': { module: '@flatland/dataplane/build/agent.js' },
  'flatland.dev/controller': { module: '@flatland/controller/build/controller.js' },
  'flatland.dev/forwarder': {
    module: '@flatland/dataplane/build/forwarder.js',
    args: (environment) => [
      '--control',
      environment['FLATLAND_FORWARDER_SOCKET'] ?? '/run/flatland/forwarder.sock',
    ],
  },
  'flatland.dev/mesh-stand-in': { module: '@flatland/lab/programs/mesh-stand-in' },
  'flatland.dev/sample-workload': { module: '@flatland/lab/programs/sample-workload' },
};

/** The lab's images: programs of this checkout, run by the Node that runs the lab. Tags are not looked at. */
export function labImages(nodePath: string): ImageTable {
  return {
    programOf(image, environment) {
      const name = image.replace(/[:@].*$/, '');
      const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
      const path = program === undefined ? undefined : fileURLToPath(import.meta.resolve(program.module));
      if (program === undefined || path === undefined || !existsSync(path)) {
        const known = Object.keys(PROGRAMS).join(', ');
        throw new ContainerStartError('ErrImagePull', `the lab has no image ${image}; it has ${known}`);
      }
      return [nodePath, path, ...(program.args?.(environment) ?? [])];
    },
  };
}
