import { createInterface } from 'node:readline';

/**
 * Reads a process's configuration, the first line of its standard input. `onEnd` is called when the input ends:
 * whoever started the process is gone. A second line, `stop`, asks the process to end in good order.
 */
export function readConfig<T>(onEnd: () => void, onStop: () => void = onEnd): Promise<T> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: process.stdin });
    lines.once('line', (line) => {
      try {
        resolve(JSON.parse(line) as T);
      } catch (error) {
        reject(error);
      }
      lines.once('line', onStop);
    });
    lines.once('close', onEnd);
  });
}
