import { request } from './node-http.ts';
import type { Duplex } from 'node:stream';
import type { Container, Probe } from '../workloads/kinds/pod.ts';
import { resolvePort } from '../workloads/endpoint-slice/plan-endpoint-slice.ts';

/** What a probe is done with. */
export type ProbeDeps = {
  readonly container: Container;
  readonly connect: (port: number) => Promise<Duplex>;
  /** Runs a command in the container and gives its exit code. */
  readonly run: (command: readonly string[]) => Promise<number>;
  /** Called when the probe's verdict changes. */
  readonly onChange: (passes: boolean) => void;
};

/**
 * Probes a running container again and again, and tells when the verdict changes: after `successThreshold` passes in
 * a row, or `failureThreshold` failures. Gives the function that ends it.
 */
export function startProbe(probe: Probe, initial: boolean, deps: ProbeDeps): () => void {
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  let verdict = initial;
  let nInARow = 0;
  let lastPassed: boolean | undefined;
  let stopped = false;

  const attempt = async () => {
    const passed = await runProbe(probe, deps).catch(() => false);
    if (stopped) return;
    nInARow = passed === lastPassed ? nInARow + 1 : 1;
    lastPassed = passed;
    const needed = passed ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (passed !== verdict && nInARow >= needed) {
      verdict = passed;
      deps.onChange(passed);
    }
    // Before the first success a container is asked more often: it is about to be ready.
    timer = setTimeout(() => void attempt(), verdict ? periodMs : Math.min(periodMs, EAGER_PERIOD_MS));
  };
  let timer = setTimeout(() => void attempt(), (probe.initialDelaySeconds ?? 0) * 1000);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

const EAGER_PERIOD_MS = 250;

async function runProbe(probe: Probe, deps: ProbeDeps): Promise<boolean> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.exec !== undefined) return (await deps.run(probe.exec.command)) === 0;
  const action = probe.httpGet ?? probe.tcpSocket;
  if (action === undefined) return true;
  const port = resolvePort(action.port, [deps.container]);
  if (port === undefined) return false;
  const stream = await withTimeout(deps.connect(port), timeoutMs);
  try {
    return probe.httpGet === undefined ? true : await getsOk(stream, probe.httpGet.path ?? '/', timeoutMs);
  } finally {
    stream.destroy();
  }
}

/** An HTTP probe passes with a status from 200 to 399. */
function getsOk(stream: Duplex, path: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({
      path,
      headers: { host: 'kubelet', 'user-agent': 'kube-probe/1.32', connection: 'close' },
      createConnection: () => stream,
      timeout: timeoutMs,
    });
    call.on('response', (response) => {
      response.resume();
      resolve(response.statusCode! >= 200 && response.statusCode! < 400);
    });
    call.on('timeout', () => resolve(false));
    call.on('error', () => resolve(false));
    call.end();
  });
}

async function withTimeout(connecting: Promise<Duplex>, timeoutMs: number): Promise<Duplex> {
  let timer: NodeJS.Timeout;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      void connecting.then((stream) => stream.destroy()).catch(() => {});
      reject(new Error('timeout'));
    }, timeoutMs);
  });
  return Promise.race([connecting, timeout]).finally(() => clearTimeout(timer));
}
