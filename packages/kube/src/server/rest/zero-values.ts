const NO_FIELDS: ReadonlySet<string> = new Set();

/** By OpenAPI component: fields that Go keeps as plain values, and leaves out where they are false, 0 or empty. */
const FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    'apps.v1.DaemonSetSpec': ['minReadySeconds'],
    'apps.v1.DeploymentSpec': ['minReadySeconds', 'paused'],
    'apps.v1.ReplicaSetSpec': ['minReadySeconds'],
    'apps.v1.StatefulSetSpec': ['minReadySeconds'],
    'core.v1.Container': ['stdin', 'stdinOnce', 'tty', 'workingDir'],
    'core.v1.ContainerPort': ['hostIP', 'hostPort', 'name'],
    'core.v1.EnvVar': ['value'],
    'core.v1.PodSpec': ['hostIPC', 'hostNetwork', 'hostPID', 'hostname', 'nodeName', 'serviceAccountName'],
    'core.v1.Secret': ['type'],
    'core.v1.ServicePort': ['name', 'nodePort'],
    'core.v1.ServiceSpec': ['clusterIP', 'externalName', 'publishNotReadyAddresses'],
    'core.v1.Toleration': ['effect', 'key', 'operator', 'value'],
    'core.v1.VolumeMount': ['readOnly', 'subPath'],
  }).map(([component, fields]) => [`io.k8s.api.${component}`, new Set(fields)]),
);

/** The fields of a built-in type that are absent where they have their zero value. */
export function zeroIsAbsent(component: string | undefined): ReadonlySet<string> {
  return (component !== undefined && FIELDS.get(component)) || NO_FIELDS;
}
