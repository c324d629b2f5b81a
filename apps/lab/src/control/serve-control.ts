import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { rm } from 'node:fs/promises';
import { LAB_CLUSTERS } from '../clusters/lab-clusters.ts';
import { controlSocket } from '../data-directory.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { DatapathChoice } from '../lab/choose-datapath.ts';
import { explainFailure } from '../lab/explain-failure.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/report.ts';
import { askControl } from './ask-control.ts';

export type ControlDeps = {
  readonly lab: Lab;
  readonly directory: DataDirectory;
  readonly choice: DatapathChoice;
  readonly stop: () => void;
};

/** Serves the lab's control socket; see README.md. Throws LabError where another lab runs on the same data. */
export async function serveControl(deps: ControlDeps): Promise<{ close(): Promise<void> }> {
  const { root } = deps.directory;
  const other = await askControl(root, 'GET', '/v1/status').catch(() => undefined);
  if (other !== undefined) {
    throw new LabError(`a lab runs on ${root} already`, 'stop it, or set FLATLAND_DATA to another directory');
  }
  // Relative to the working directory, which is the data directory.
  const path = controlSocket('.');
  await rm(path, { force: true });
  const server = createServer((request, response) => {
    answer(deps, request, response).catch((error: unknown) => {
      const { text, next } = explainFailure(error);
      send(response, 500, { error: text, next });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(deps: ControlDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { lab } = deps;
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /v1/status') return send(response, 200, status(deps));
  if (route === 'POST /v1/stop') {
    send(response, 200, { stopping: true });
    return deps.stop();
  }
  const match = /^POST \/v1\/clusters\/([a-z0-9-]+)\/(start|stop)$/.exec(route);
  if (match === null) return send(response, 404, { error: `no such call: ${route}` });
  const cluster = lab.clusters.find(({ name }) => name === match[1]);
  if (cluster === undefined) {
    const names = lab.clusters.map(({ name }) => name).join(', ');
    return send(response, 404, { error: `the lab has no cluster ${match[1]}; it has ${names}` });
  }
  await (match[2] === 'start' ? lab.startCluster(cluster) : lab.stopCluster(cluster));
  send(response, 200, status(deps));
}

function status({ lab, choice }: ControlDeps): object {
  return {
    datapath: choice.datapath,
    ...(choice.datapath === 'in-memory' ? { reason: choice.reason } : {}),
    clusters: lab.clusters.map((cluster) => ({
      name: cluster.name,
      running: cluster.isRunning,
      ...(cluster.isRunning ? { url: cluster.access.url } : {}),
    })),
    nodes: LAB_CLUSTERS.flatMap(({ nodes }) => nodes.map(({ name }) => name)),
    pid: process.pid,
  };
}

function send(response: ServerResponse, code: number, body: object): void {
  if (response.headersSent) return;
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
