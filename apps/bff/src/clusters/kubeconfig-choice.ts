import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import {
  readKubeconfig,
  type Kubeconfig,
  type KubeconfigContext,
} from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import {
  KUBECONFIG_REFUSALS,
  kubeconfigRefusalText,
  type KubeconfigRefusal,
} from '@flatland/kube/client/kubeconfig/refusal';
import type { ContextChoice, KubeconfigChoice, KubeconfigFault, KubeconfigReading } from '../api/cluster.ts';
import { ConsoleFailure } from '../api/console-error.ts';
import { suggestName } from './suggest-name.ts';

/** What a kubeconfig holds, without its secrets; `taken` are names that clusters have already. Runs nothing of it. */
export function readContexts(kubeconfig: string, taken: ReadonlySet<string>): KubeconfigReading {
  const read = readKubeconfig(kubeconfig, { addressPolicy: localAddressPolicy });
  if (!read.ok) return { contexts: [], faults: read.error.map(faultOf) };
  const { contexts, currentContext } = read.value;
  return {
    contexts: contexts.map((context) => choiceOf(context, taken)),
    ...(currentContext === undefined ? {} : { currentContext }),
    faults: [],
  };
}

/**
 * The connection of the chosen context; the only one, else the current one, where none is named.
 *
 * @throws ConsoleFailure `kubeconfig-refused` with every reason
 */
export function chooseContext({ kubeconfig, context }: ContextChoice): {
  readonly context: string;
  readonly connection: Connection;
} {
  const read = readKubeconfig(kubeconfig, { addressPolicy: localAddressPolicy });
  if (!read.ok) throw refused(read.error);
  const found = contextOf(read.value, context);
  if (found === undefined)
    throw new ConsoleFailure(
      'kubeconfig-refused',
      context === undefined
        ? `The kubeconfig has several contexts, and none is current: choose ${listed(read.value)}`
        : `The kubeconfig has no context ${context}; it has ${listed(read.value)}`,
    );
  if (!found.connection.ok) throw refused(found.connection.error);
  return { context: found.name, connection: found.connection.value };
}

const LISTED = 10;

function listed({ contexts }: Kubeconfig): string {
  const names = contexts.slice(0, LISTED).map(({ name }) => name);
  const rest = contexts.length - names.length;
  return `${names.join(', ')}${rest > 0 ? ` or one of ${rest} more` : ''}`;
}

function contextOf({ contexts, currentContext }: Kubeconfig, wanted: string | undefined) {
  const [only, ...others] = contexts;
  const name = wanted ?? (others.length === 0 ? only?.name : currentContext);
  return contexts.find((context) => context.name === name);
}

function choiceOf({ name, connection }: KubeconfigContext, taken: ReadonlySet<string>): KubeconfigChoice {
  const choice = { context: name, suggestedName: suggestName(name, taken) };
  if (!connection.ok) return { ...choice, faults: connection.error.map(faultOf) };
  const { server, credential } = connection.value;
  const isPlain = credential.kind === 'token' || credential.kind === 'client-certificate';
  return { ...choice, server, ...(isPlain ? { credential: credential.kind } : {}), faults: [] };
}

function faultOf({ reason, where }: KubeconfigRefusal): KubeconfigFault {
  return { reason, where, ...KUBECONFIG_REFUSALS[reason] };
}

function refused(refusals: readonly KubeconfigRefusal[]): ConsoleFailure {
  return new ConsoleFailure('kubeconfig-refused', refusals.map(kubeconfigRefusalText).join('; '));
}
