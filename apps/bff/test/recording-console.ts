import type { Console } from '../src/api/console.ts';

/** A console whose every method is noted in `calls` and does nothing else. */
export function recordingConsole(overrides: Partial<Console> = {}): { console: Console; calls: string[] } {
  const calls: string[] = [];
  const recorder = (path: string): unknown =>
    new Proxy(() => undefined, {
      get: (_target, name) => recorder(path === '' ? String(name) : `${path}.${String(name)}`),
      apply: () => {
        calls.push(path);
        return {};
      },
    });
  const console = new Proxy({} as Console, {
    get: (_target, name) => Reflect.get(overrides, name) ?? recorder(String(name)),
  });
  return { console, calls };
}
