import { err, ok, type Result } from '@flatland/shared/result';
import type { LogPort } from '../../ports/log.ts';
import type { WireguardBackend } from '../../ports/wireguard-backend.ts';

/** What `FLATLAND_FORWARDER` may say; `native` and `portable` are ways of the bundled forwarder. */
export const FORWARDER_CHOICES = ['auto', 'kernel', 'native', 'portable'] as const;
export type ForwarderChoice = (typeof FORWARDER_CHOICES)[number];

interface Candidates {
  readonly kernel: WireguardBackend;
  readonly bundled: WireguardBackend;
  /** What the node can do. */
  readonly probe: () => Promise<Result<true, string>>;
  readonly log: LogPort;
}

/**
 * Who carries the tunnels' packets: the kernel's WireGuard where the node has it, else the bundled forwarder, or what
 * is forced. Devices that the other one still has are removed, for names and ports are the same. An error where the
 * kernel is forced and has none.
 */
export async function chooseBackend(
  choice: ForwarderChoice,
  { kernel, bundled, probe, log }: Candidates,
): Promise<Result<WireguardBackend, string>> {
  const forced = choice === 'auto' ? undefined : `FLATLAND_FORWARDER=${choice}`;
  const hasKernel = choice === 'auto' || choice === 'kernel' ? await probe() : undefined;
  if (hasKernel?.ok === true) {
    log.info(
      { wireguard: 'kernel', reason: forced ?? 'the node has it' },
      'the kernel’s WireGuard carries tunnels',
    );
    await removeAll(bundled, log);
    return ok(kernel);
  }
  if (choice === 'kernel') return err(`FLATLAND_FORWARDER=kernel: ${hasKernel?.error}`);
  const reason = forced ?? hasKernel?.error;
  log.info({ wireguard: 'bundled', reason }, 'the bundled forwarder carries tunnels');
  await removeAll(kernel, log);
  return ok(bundled);
}

async function removeAll(backend: WireguardBackend, log: LogPort): Promise<void> {
  const domains = await backend.list().catch(() => []);
  for (const domain of domains)
    await backend.remove(domain).catch((error: unknown) => {
      log.warn({ domain, error: String(error) }, 'cannot remove the WireGuard device of before');
    });
}
