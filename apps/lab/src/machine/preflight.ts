import { closeSync, constants, openSync } from 'node:fs';
import { findProgram, NEEDED_PROGRAMS, searchPath } from './programs.ts';
import { CommandError, runCommand } from './run-command.ts';
import { unshareArguments } from './unshare-arguments.ts';

/** One thing that the kernel datapath needs and the machine does not give. */
export type Missing = { readonly what: string; readonly next: string };

export type Preflight =
  | { readonly ok: true; readonly asRoot: boolean }
  | { readonly ok: false; readonly missing: readonly Missing[] };

/** What the checks read of the world; tests give another. */
export type PreflightDeps = {
  readonly platform: string;
  readonly asRoot: boolean;
  readonly hasProgram: (name: string) => boolean;
  /** Throws where the device cannot be opened for reading and writing. */
  readonly openDevice: (path: string) => void;
  /** Runs a constant script in a fresh private machine; throws where that is not allowed. */
  readonly tryMachine: (script: string, asRoot: boolean) => Promise<void>;
};

/**
 * Finds out whether the kernel datapath can be had: programs, the TUN device, and the rights, by making a machine
 * with two namespaces, a veth pair and an nftables rule. Leaves nothing behind.
 */
export async function preflight(deps: PreflightDeps = systemDeps()): Promise<Preflight> {
  if (deps.platform !== 'linux') {
    return {
      ok: false,
      missing: [
        {
          what: `a Linux kernel (this is ${deps.platform})`,
          next: 'run on Linux, or in a Linux virtual machine',
        },
      ],
    };
  }
  const missing: Missing[] = [];
  for (const [program, debianPackage] of Object.entries(NEEDED_PROGRAMS)) {
    if (deps.hasProgram(program)) continue;
    missing.push({ what: `the program \`${program}\``, next: `install the package ${debianPackage}` });
  }
  try {
    deps.openDevice('/dev/net/tun');
  } catch (error) {
    missing.push({
      what: `/dev/net/tun (${codeOf(error)})`,
      next:
        codeOf(error) === 'EACCES'
          ? 'let this user open /dev/net/tun (most systems have it at mode 0666), or run as root'
          : 'load the module with `modprobe tun`, or give the container the device /dev/net/tun',
    });
  }
  if (missing.length > 0) return { ok: false, missing };
  const lacking = await firstLacking(deps, deps.asRoot);
  if (lacking === undefined) return { ok: true, asRoot: deps.asRoot };
  // A root without the rights of one, as in many containers, may still be allowed what an ordinary user is.
  if (deps.asRoot && (await firstLacking(deps, false)) === undefined) return { ok: true, asRoot: false };
  return { ok: false, missing: [lacking] };
}

async function firstLacking(deps: PreflightDeps, asRoot: boolean): Promise<Missing | undefined> {
  for (const step of STEPS) {
    try {
      await deps.tryMachine(step.script, asRoot);
    } catch (error) {
      return { what: `${step.what} (${firstLine(error)})`, next: step.next(asRoot) };
    }
  }
  return undefined;
}

/** One line for people: everything that is missing. */
export function describeMissing(missing: readonly Missing[]): string {
  return missing.map(({ what }) => what).join(', ');
}

const RIGHTS = (asRoot: boolean) =>
  asRoot
    ? 'give this container CAP_SYS_ADMIN and CAP_NET_ADMIN'
    : 'allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, ' +
      'kernel.apparmor_restrict_unprivileged_userns), or run as root';

/* From the smallest to the largest demand, so that the first that fails names what is missing. */
const STEPS = [
  { script: 'true', what: 'the right to make private namespaces', next: RIGHTS },
  { script: 'mount -t tmpfs tmpfs /run && mkdir /run/netns', what: 'the right to mount', next: RIGHTS },
  {
    script:
      'mount -t tmpfs tmpfs /run && ip netns add probe && ip link add bridge0 type bridge && ' +
      'ip link add veth0 type veth peer name eth0 netns probe && echo 1 >/proc/sys/net/ipv4/ip_forward && ' +
      'ip tuntap add dev tun0 mode tun',
    what: 'CAP_NET_ADMIN over a private network namespace (veth, bridge, tun)',
    next: RIGHTS,
  },
  {
    script:
      'nft "add table inet probe; ' +
      'add chain inet probe nat { type nat hook postrouting priority 100; }; ' +
      'add rule inet probe nat masquerade; ' +
      'add chain inet probe filter { type filter hook prerouting priority 0; }; ' +
      'add rule inet probe filter fib saddr . iif oif missing drop"',
    what: 'nftables with NAT and fib in the kernel',
    next: () => 'load the modules nf_tables, nft_masq and nft_fib_inet',
  },
];

function systemDeps(): PreflightDeps {
  const path = searchPath(process.env['PATH']);
  const asRoot = process.getuid?.() === 0;
  return {
    platform: process.platform,
    asRoot,
    hasProgram: (name) => findProgram(name, path) !== undefined,
    openDevice: (device) => closeSync(openSync(device, constants.O_RDWR)),
    tryMachine: async (script, withRights) => {
      await runCommand('unshare', [...unshareArguments(withRights), 'sh', '-c', script], {
        timeoutMs: 10_000,
      });
    },
  };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function firstLine(error: unknown): string {
  const text = error instanceof CommandError ? error.stderr : String(error);
  return text.trim().split('\n')[0]!;
}
