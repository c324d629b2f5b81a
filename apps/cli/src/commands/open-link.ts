import { callConsole, openConsoleApi } from '../api/console-api.ts';
import { print, type CommandIo } from '../io/command-io.ts';

/** `flatland open`: a new one-time link to the running console. */
export async function openLink(io: CommandIo, options: { readonly json?: boolean }): Promise<void> {
  const api = openConsoleApi(io.env);
  const link = await callConsole(() => api.session.createLink.mutate());
  print(io, options, link, () => link.url);
}
