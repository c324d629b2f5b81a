import type { WebSocket } from 'ws';
import type { NodeRuntime, RunningContainer } from '../node-runtime.ts';

/* Channels of the subprotocols v4 and v5.channel.k8s.io: the first byte of every message. */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5 only: the channel named by the next byte is closed. */
const CLOSE = 255;

const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Runs the command of an exec call and carries its streams over a WebSocket until both have ended. */
export async function serveExec(
  webSocket: WebSocket,
  about: { runtime: NodeRuntime; container: RunningContainer; query: URLSearchParams },
): Promise<void> {
  const { runtime, container, query } = about;
  const early: Buffer[] = [];
  const keep = (message: Buffer) => early.push(message);
  webSocket.on('message', keep);
  const isWanted = (name: string) => query.get(name) === 'true' || query.get(name) === '1';
  const tty = isWanted('tty');
  let session;
  try {
    session = await runtime.exec(container, query.getAll('command'), { tty });
  } catch (error) {
    send(webSocket, ERROR, failure('InternalError', error instanceof Error ? error.message : String(error)));
    return webSocket.close(1000);
  }
  const { stdin, stdout, stderr } = session;
  stdin.on('error', () => {});
  const onMessage = (message: Buffer) => {
    const channel = message[0];
    const payload = message.subarray(1);
    if (channel === STDIN) stdin.write(payload);
    else if (channel === CLOSE && payload[0] === STDIN) stdin.end();
    else if (channel === RESIZE) session.resize?.(parseSize(payload));
  };
  webSocket.off('message', keep);
  for (const message of early) onMessage(message);
  webSocket.on('message', onMessage);
  webSocket.on('close', () => session.kill());
  webSocket.on('error', () => session.kill());
  if (!isWanted('input') && !isWanted('stdin')) stdin.end();
  const carry = (channel: number, stream: NodeJS.ReadableStream | undefined): Promise<unknown> => {
    stream?.on('data', (chunk: Buffer) => {
      send(webSocket, channel, chunk);
      if (webSocket.bufferedAmount > MAX_BUFFERED_BYTES) pauseUntilSent(webSocket, stream);
    });
    return stream === undefined ? Promise.resolve() : new Promise((resolve) => stream.on('close', resolve));
  };
  const streams = [carry(STDOUT, stdout), carry(STDERR, stderr)];
  const { exitCode } = await session.exited;
  await Promise.all(streams);
  send(webSocket, ERROR, exitCode === 0 ? '{"metadata":{},"status":"Success"}' : nonZeroExit(exitCode));
  webSocket.close(1000);
}

function send(webSocket: WebSocket, channel: number, payload: Buffer | string): void {
  if (webSocket.readyState !== webSocket.OPEN) return;
  webSocket.send(Buffer.concat([Buffer.of(channel), Buffer.from(payload)]));
}

function pauseUntilSent(webSocket: WebSocket, stream: NodeJS.ReadableStream): void {
  stream.pause();
  const timer = setInterval(() => {
    if (webSocket.bufferedAmount > MAX_BUFFERED_BYTES && webSocket.readyState === webSocket.OPEN) return;
    clearInterval(timer);
    stream.resume();
  }, 5);
}

function parseSize(payload: Buffer): { columns: number; rows: number } {
  try {
    const { Width, Height } = JSON.parse(payload.toString()) as { Width?: number; Height?: number };
    return { columns: Width ?? 80, rows: Height ?? 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** Status from which kubectl takes the exit code (`remotecommand.NonZeroExitCodeReason`). */
function nonZeroExit(exitCode: number): string {
  return JSON.stringify({
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  });
}

function failure(reason: string, message: string): string {
  return JSON.stringify({ metadata: {}, status: 'Failure', message, reason, code: 500 });
}
