/** Talks to a forwarder process over its control socket. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { err, ok, type Result } from '@flatland/shared/result';
import type { DeviceConfiguration } from '../core/configuration/device-configuration.ts';
import { writeUapiSet } from '../core/configuration/uapi-write.ts';
import type { DeviceDescription, ForwarderEvent } from './control-protocol.ts';
import type { DeviceRequest } from './device-registry.ts';

export interface ForwarderError {
  /** `unavailable`: nobody answers at the socket; the others are the forwarder's refusals. */
  readonly code: 'unavailable' | 'invalid' | 'not-found' | 'conflict';
  readonly message: string;
}

const TIMEOUT_MS = 10_000;
const RECONNECT_MS = 200;

export class ForwarderClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The run of the process that answers. */
  async health(): Promise<Result<{ readonly instance: string }, ForwarderError>> {
    return this.#call('GET', '/healthz');
  }

  /** All devices, sorted by name. */
  async devices(): Promise<Result<readonly DeviceDescription[], ForwarderError>> {
    return this.#call('GET', '/devices');
  }

  /** One device; `not-found` where there is none. */
  async device(name: string): Promise<Result<DeviceDescription, ForwarderError>> {
    return this.#call('GET', devicePath(name));
  }

  /** Makes a device unless it is there. */
  async ensureDevice({ name, ...body }: DeviceRequest): Promise<Result<DeviceDescription, ForwarderError>> {
    return this.#call('PUT', devicePath(name), JSON.stringify(body));
  }

  /** Removes a device, if it is there. */
  async removeDevice(name: string): Promise<Result<unknown, ForwarderError>> {
    return this.#call('DELETE', devicePath(name));
  }

  /** Changes a device's configuration: all of the change or nothing. */
  async configure(
    name: string,
    change: DeviceConfiguration,
  ): Promise<Result<DeviceDescription, ForwarderError>> {
    return this.#call('POST', `${devicePath(name)}/configuration`, writeUapiSet(change));
  }

  /**
   * Follows the forwarder's events until stopped, through restarts of it: each (re)connection begins with `hello`,
   * whose instance is another one after a restart.
   */
  watch(listener: (event: ForwarderEvent) => void): () => void {
    let stop = () => {};
    let isStopped = false;
    const connect = () => {
      const request = httpRequest({ socketPath: this.#socketPath, path: '/events' }, (response) => {
        const lines = createInterface({ input: response });
        lines.on('line', (line) => listener(JSON.parse(line) as ForwarderEvent));
        lines.on('error', () => {});
        response.on('error', () => {});
      });
      request.on('error', () => {});
      request.on('close', () => {
        if (isStopped) return;
        const timer = setTimeout(connect, RECONNECT_MS);
        stop = () => clearTimeout(timer);
      });
      request.end();
      stop = () => request.destroy();
    };
    connect();
    return () => {
      isStopped = true;
      stop();
    };
  }

  async #call<T>(method: string, path: string, body = ''): Promise<Result<T, ForwarderError>> {
    try {
      const { status, text } = await this.#send(method, path, body);
      const answer: unknown = JSON.parse(text);
      if (status === 200) return ok(answer as T);
      const { error } = answer as { error?: unknown };
      return err({ code: codeOf(status), message: String(error) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return err({ code: 'unavailable', message: `the forwarder does not answer: ${message}` });
    }
  }

  async #send(method: string, path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.#socketPath, method, path, timeout: TIMEOUT_MS, agent: false };
      const request = httpRequest(options, (response) => {
        readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
      });
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', reject);
      request.end(body);
    });
  }
}

function devicePath(name: string): string {
  return `/devices/${encodeURIComponent(name)}`;
}

function codeOf(status: number): ForwarderError['code'] {
  switch (status) {
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    default:
      return 'invalid';
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
