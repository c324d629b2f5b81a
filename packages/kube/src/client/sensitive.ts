import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A secret that cannot be printed, logged or serialized by accident: only `reveal()` gives it. */
export class Sensitive {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** Wraps a secret text. */
export function sensitive(value: string): Sensitive {
  return new Sensitive(value);
}
