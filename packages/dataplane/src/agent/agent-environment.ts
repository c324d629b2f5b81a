import { z } from 'zod';
import { zClusterName, zNodeName } from '@flatland/shared/model/names';
import { REPORT_PORT } from '@flatland/shared/report/report';
import { err, ok, type Result } from '@flatland/shared/result';
import type { AgentOptions } from './agent-options.ts';
import { parseExternal } from './compile/local-facts.ts';
import type { ListenOn } from './server/agent-server.ts';
import { FORWARDER_SOCKET } from '../wireguard/forwarder-socket.ts';
import { FORWARDER_CHOICES, type ForwarderChoice } from './wireguard/choose-backend.ts';

/** What the agent's process is told by its environment. */
export interface AgentEnvironment {
  readonly options: AgentOptions;
  readonly forwarderSocket: string;
  /** Where the node's container runtime listens. Absent: sandboxes are named `pod-<uid>` under /run/netns. */
  readonly criSocket?: string;
  /** Who carries the tunnels' packets. */
  readonly forwarder: ForwarderChoice;
  readonly listenOn: ListenOn;
}

const zEnvironment = z.object({
  FLATLAND_CLUSTER: zClusterName,
  FLATLAND_NODE: zNodeName,
  FLATLAND_DATA: z.string().min(1).default('/var/lib/flatland'),
  FLATLAND_FORWARDER_SOCKET: z.string().min(1).default(FORWARDER_SOCKET),
  FLATLAND_CRI_SOCKET: z.string().startsWith('/', 'must be an absolute path').optional(),
  FLATLAND_FORWARDER: z.enum(FORWARDER_CHOICES).default('auto'),
  FLATLAND_REPORT: z.string().min(1).default(String(REPORT_PORT)),
  FLATLAND_TRUST_DOMAIN: z.string().min(1).optional(),
  FLATLAND_EXTERNAL_ADDRESS: z.string().optional(),
  FLATLAND_BEHIND_NAT: z.enum(['0', '1']).optional(),
  FLATLAND_WIREGUARD_PORTS: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/, 'must be FIRST-LAST')
    .optional(),
});

/** Reads the environment; the error names the variable and what it must be. */
export function readAgentEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Result<AgentEnvironment, string> {
  const parsed = zEnvironment.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return err(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const values = parsed.data;
  const external = parseExternal(values.FLATLAND_EXTERNAL_ADDRESS);
  if (values.FLATLAND_EXTERNAL_ADDRESS !== undefined && external === undefined)
    return err('FLATLAND_EXTERNAL_ADDRESS: must be ADDRESS or ADDRESS:PORT');
  const listenOn = parseListenOn(values.FLATLAND_REPORT);
  if (listenOn === undefined) return err('FLATLAND_REPORT: must be PORT, ADDRESS:PORT or a path');
  const [first, last] = (values.FLATLAND_WIREGUARD_PORTS ?? '').split('-').map(Number);
  return ok({
    forwarder: values.FLATLAND_FORWARDER,
    forwarderSocket: values.FLATLAND_FORWARDER_SOCKET,
    ...(values.FLATLAND_CRI_SOCKET !== undefined && { criSocket: values.FLATLAND_CRI_SOCKET }),
    listenOn,
    options: {
      cluster: values.FLATLAND_CLUSTER,
      node: values.FLATLAND_NODE,
      dataDirectory: values.FLATLAND_DATA,
      ...(values.FLATLAND_BEHIND_NAT !== undefined && { behindNat: values.FLATLAND_BEHIND_NAT === '1' }),
      ...(values.FLATLAND_TRUST_DOMAIN !== undefined && { trustDomain: values.FLATLAND_TRUST_DOMAIN }),
      ...(external !== undefined && { external }),
      ...(first && last && { ports: { first, last } }),
    },
  });
}

/** Reads `PORT`, `ADDRESS:PORT`, `[ADDRESS]:PORT` or an absolute path. */
export function parseListenOn(text: string): ListenOn | undefined {
  if (text.startsWith('/')) return { path: text };
  const match = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? NaN);
  if (!(port >= 0 && port <= 65_535)) return undefined;
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? { port } : { port, host };
}
