/** One event of a stream as the wire has it. */
export interface WireEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** Reads a stream of server-sent events until it ends or `stop` says so. */
export async function* readEvents(answer: Response): AsyncGenerator<WireEvent> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body!) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const fields = new Map(
        rest
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
      );
      rest = rest.slice(end + 2).replace(/^\n+/, '');
      yield {
        event: fields.get('event') ?? 'message',
        id: fields.get('id') ?? '',
        data: fields.get('data') ?? '',
      };
    }
  }
}
