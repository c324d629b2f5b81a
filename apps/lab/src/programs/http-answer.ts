import { workloadAnswer } from './workload-answer.ts';

const MAX_HEAD_BYTES = 16 * 1024;

/** Who answers, and to whom. */
export type AnswerContext = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly addresses: readonly string[];
  readonly caller: string;
};

/**
 * The HTTP/1.1 answer of a sample workload to what has arrived of a request; undefined while the head is not whole.
 * `/healthz` says ok. The connection closes after it.
 */
export function httpAnswer(head: string, context: AnswerContext): string | undefined {
  if (head.length > MAX_HEAD_BYTES)
    return respond('431 Request Header Fields Too Large', 'text/plain', 'too long\n');
  if (!head.includes('\r\n\r\n')) return undefined;
  const match = /^(GET|HEAD|POST|PUT|DELETE|PATCH) (\S+) HTTP\/1\.[01]\r\n/.exec(head);
  if (match === null) return respond('400 Bad Request', 'text/plain', 'not an HTTP/1.1 request\n');
  if (match[2] === '/healthz') return respond('200 OK', 'text/plain', 'ok\n');
  const said = workloadAnswer(context.environment, context.addresses, context.caller);
  return respond('200 OK', 'application/json', `${JSON.stringify(said)}\n`);
}

function respond(status: string, contentType: string, body: string): string {
  const length = Buffer.byteLength(body);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\ncontent-length: ${length}\r\n`;
  return `${head}connection: close\r\n\r\n${body}`;
}
