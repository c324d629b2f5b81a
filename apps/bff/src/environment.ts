import { join, resolve } from 'node:path';

/** What the environment says. */
export interface Environment {
  /** @default 7400 */
  readonly port: number;
  /** @default .flatland in the working directory */
  readonly dataDirectory: string;
  /** @default kubeconfig in the data directory, which the lab writes */
  readonly kubeconfig: string;
  /** True where nobody named a kubeconfig and no lab writes one, so that there may be none. */
  readonly mayLackKubeconfig: boolean;
  readonly isLab: boolean;
}

const DEFAULT_PORT = 7400;

/** Reads `FLATLAND_*`; throws with the variable's name where one cannot be used. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const dataDirectory = resolve(variables['FLATLAND_DATA'] || '.flatland');
  const { FLATLAND_KUBECONFIG: kubeconfig, FLATLAND_HOST: host } = variables;
  if (host !== undefined && !LOOPBACK.has(host)) {
    throw new Error(
      `FLATLAND_HOST=${host}: the console listens on 127.0.0.1 only; use ssh -L to reach it from elsewhere`,
    );
  }
  const isLab = variables['FLATLAND_LAB'] !== 'off';
  const ofLab = join(dataDirectory, 'kubeconfig');
  const path = kubeconfig ? resolve(kubeconfig) : ofLab;
  return {
    port: readPort(variables['FLATLAND_PORT']),
    dataDirectory,
    kubeconfig: path,
    mayLackKubeconfig: !isLab && path === ofLab,
    isLab,
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(['', '127.0.0.1', 'localhost']);

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Error(`FLATLAND_PORT=${text} is no port; use 0 to 65535`);
  return port;
}
