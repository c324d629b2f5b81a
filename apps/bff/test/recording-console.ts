import type { Console } from '../src/api/console.ts';

type Method = (...values: never[]) => unknown;

/** A console whose every method is noted in `calls`; those in `methods`, by path (`sessions.end`), do something too. */
export function recordingConsole(methods: Readonly<Record<string, Method>> = {}): {
  console: Console;
  calls: string[];
} {
  const calls: string[] = [];
  const recorder = (path: string): unknown =>
    new Proxy(() => undefined, {
      get: (_target, name) => recorder(path === '' ? String(name) : `${path}.${String(name)}`),
      apply: (_target, _self, values: never[]) => {
        calls.push(path);
        return methods[path]?.(...values) ?? {};
      },
    });
  return { console: recorder('') as Console, calls };
}
