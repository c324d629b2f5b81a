import { API_SERVICE_ADDRESS } from '../clusters/cluster-definition.ts';
import type { Container, EnvVar, Pod } from '../workloads/kinds/pod.ts';
import { ContainerStartError } from './node-runtime.ts';

/** Values that a container's environment may refer to. */
export type EnvironmentSources = {
  readonly podAddress: string;
  readonly hostAddress: string;
  readonly configMap: (name: string) => Promise<Readonly<Record<string, string>> | undefined>;
  readonly secret: (name: string) => Promise<Readonly<Record<string, string>> | undefined>;
};

/** The environment of a container as its pod's spec gives it. Throws ContainerStartError where a source is missing. */
export async function containerEnvironment(
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = {
    HOSTNAME: podHostname(pod),
    KUBERNETES_SERVICE_HOST: API_SERVICE_ADDRESS,
    KUBERNETES_SERVICE_PORT: '443',
    KUBERNETES_SERVICE_PORT_HTTPS: '443',
  };
  for (const variable of container.env ?? []) {
    const value = await valueOf(pod, variable, sources);
    if (value !== undefined) environment[variable.name] = expand(value, environment);
  }
  return environment;
}

/** A pod's host name. */
export function podHostname(pod: Pod): string {
  if (pod.spec.hostNetwork === true) return pod.spec.nodeName ?? '';
  return (pod.spec.hostname ?? pod.metadata.name).slice(0, 63);
}

/** Replaces `$(NAME)` by the variable's value where it has one; `$$` is a dollar sign (Kubernetes' expansion). */
export function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (match, name: string | undefined) =>
    name === undefined ? '$' : (environment[name] ?? match),
  );
}

async function valueOf(pod: Pod, variable: EnvVar, sources: EnvironmentSources): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (from === undefined) return variable.value ?? '';
  if (from.fieldRef !== undefined) return fieldOf(pod, from.fieldRef.fieldPath, sources);
  const [kind, reference] =
    from.configMapKeyRef === undefined
      ? (['secret', from.secretKeyRef] as const)
      : (['configMap', from.configMapKeyRef] as const);
  if (reference === undefined) return undefined;
  const data = await sources[kind](reference.name);
  const value = data?.[reference.key];
  if (value === undefined && reference.optional !== true) {
    const what =
      data === undefined
        ? `${kind} "${reference.name}" not found`
        : `key ${reference.key} is not in ${reference.name}`;
    throw new ContainerStartError('CreateContainerConfigError', what);
  }
  return value;
}

function fieldOf(pod: Pod, path: string, sources: EnvironmentSources): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (subscript !== null) return pod.metadata[subscript[1] as 'labels']?.[subscript[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid ?? '';
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
    case 'status.hostIPs':
      return sources.hostAddress;
    case 'status.podIP':
    case 'status.podIPs':
      return sources.podAddress;
    default:
      throw new ContainerStartError('CreateContainerConfigError', `unsupported fieldPath: ${path}`);
  }
}
