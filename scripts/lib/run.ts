import { spawn } from 'node:child_process';

/** What a command that was run to its end printed, and how it ended. */
export interface RunResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a program from the workspace's `node_modules/.bin` or the path, showing its output as it comes. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      chunks.push(text);
      process.stdout.write(text);
    });
  const exitCode = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      chunks.push(error.message);
      resolve(127);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
  return { exitCode, output: chunks.join('') };
}
