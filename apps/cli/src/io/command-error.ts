/** Exit codes that scripts rely on. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Whoever read the output has gone, as `head` does: what a shell says of a program that SIGPIPE ended. */
  nobodyReads: 141,
} as const;

/** Ends a command with text for people and the next action. */
export class CommandError extends Error {
  readonly exitCode: number;
  readonly next: string | undefined;

  constructor(
    message: string,
    options: { readonly next?: string | undefined; readonly exitCode?: number } = {},
  ) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = options.exitCode ?? EXIT.failed;
    this.next = options.next;
  }
}
