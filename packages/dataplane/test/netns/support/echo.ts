/** Echo requests, many in a short time. */
import type { Sandbox } from '../../support/sandbox.ts';

export interface Echo {
  readonly netns: string;
  readonly to: string;
  /** @default 1 */
  readonly count?: number;
  /** Does not wait for an answer before the next request; for those that nobody will answer. @default false */
  readonly atOnce?: boolean;
  /** Whole IP packets of this length. @default 84, or 104 over IPv6 */
  readonly packetBytes?: number;
  /** Sets DF. @default false */
  readonly dontFragment?: boolean;
  /** Address or interface to send from. */
  readonly from?: string;
  /** How long to wait for an answer. @default 20, for busy machines */
  readonly waitSeconds?: number;
  /** Hops that a request may take. */
  readonly hopLimit?: number;
}

/** Runs `ping` so many times, one after the other; fails where one of them does. */
const ONE_BY_ONE =
  'n=$1; shift; failed=0; while [ $n -gt 0 ]; do "$@" || failed=1; n=$((n-1)); done; exit $failed';

/** Sends echo requests; what `ping` says about them. */
export async function echo(sandbox: Sandbox, options: Echo): Promise<{ isAnswered: boolean; text: string }> {
  const {
    netns,
    to,
    count = 1,
    packetBytes,
    dontFragment = false,
    from,
    waitSeconds = 20,
    hopLimit,
  } = options;
  const command = ['ping', '-n', '-W', String(waitSeconds)];
  if (packetBytes !== undefined) command.push('-s', String(packetBytes - (to.includes(':') ? 48 : 28)));
  if (dontFragment) command.push('-M', 'do');
  if (from !== undefined) command.push('-I', from);
  if (hopLimit !== undefined) command.push('-t', String(hopLimit));
  // Once one request is answered, `ping` does not wait for others longer than a round trip: too short on a busy machine.
  const all = options.atOnce === true ? [...command, '-i', '0.02', '-c', String(count), to] : undefined;
  const each = ['sh', '-c', ONE_BY_ONE, 'sh', String(count), ...command, '-c', '1', to];
  const { code, stdout, stderr } = await sandbox.run(all ?? each, { netns });
  return { isAnswered: code === 0 && !/[1-9]\d*% packet loss/.test(stdout), text: stdout + stderr };
}

/** Whether each of some echo requests is answered. */
export async function answers(sandbox: Sandbox, options: Echo): Promise<boolean> {
  return (await echo(sandbox, options)).isAnswered;
}
