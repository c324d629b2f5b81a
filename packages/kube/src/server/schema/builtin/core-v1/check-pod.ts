import {
  child,
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  type FieldError,
} from '../../field-error.ts';
import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { checkLabels } from '../../check-object-meta.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPortName, checkPortNumber } from '../../names.ts';
import { numberAt, objectsAt, textAt, valueAt } from '../printer-column.ts';
import { checkPodChange } from './check-pod-change.ts';
import { checkResources } from './check-resources.ts';
import { checkTolerations } from './check-tolerations.ts';

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const protocols = ['TCP', 'UDP', 'SCTP'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const propagations = ['Bidirectional', 'HostToContainer', 'None'];
const MAX_INT32 = 2 ** 31 - 1;

/** Checks a pod, and that only what may change has changed. */
export function checkPod(object: JsonObject, old: JsonObject | undefined): FieldError[] {
  const spec = valueAt(object, 'spec');
  if (!isJsonObject(spec)) return [required('spec')];
  const before = old && valueAt(old, 'spec');
  const errors = [...checkPodSpec(spec, 'spec'), ...checkImages(spec)];
  return isJsonObject(before) ? [...errors, ...checkPodChange(spec, before)] : errors;
}

/** A template may name an image with spaces around it; a pod may not. */
function checkImages(spec: JsonObject): FieldError[] {
  return ['containers', 'initContainers'].flatMap((field) =>
    objectsAt(spec, field).flatMap((container, index) => {
      const image = textAt(container, 'image');
      const why = 'must not have leading or trailing whitespace';
      return image === image.trim() ? [] : [invalid(`spec.${field}[${index}].image`, image, why)];
    }),
  );
}

/** Checks a pod's or template's spec (`core` ValidatePodSpec, as far as this server runs pods). */
export function checkPodSpec(spec: JsonObject, path: string): FieldError[] {
  return [
    ...checkVolumes(spec, path),
    ...checkContainers(spec, path),
    ...checkHostPorts(spec, path),
    ...checkOneOf(spec, path, 'restartPolicy', restartPolicies),
    ...checkOneOf(spec, path, 'dnsPolicy', dnsPolicies),
    ...checkLabels(valueAt(spec, 'nodeSelector'), child(path, 'nodeSelector')),
    ...checkNamed(spec, path, 'serviceAccountName', checkDnsSubdomain),
    ...checkNamed(spec, path, 'nodeName', checkDnsSubdomain),
    ...checkDeadline(spec, path),
    ...checkNamed(spec, path, 'hostname', checkDnsLabel),
    ...checkNamed(spec, path, 'subdomain', checkDnsLabel),
    ...checkTolerations(spec, path),
  ];
}

function checkVolumes(spec: JsonObject, path: string): FieldError[] {
  const names = new Set<string>();
  return objectsAt(spec, 'volumes').flatMap((volume, index) => {
    const name = textAt(volume, 'name');
    const at = `${child(path, 'volumes')}[${index}].name`;
    if (name === '') return [required(at)];
    const errors = checkDnsLabel(name).map((why) => invalid(at, name, why));
    if (errors.length === 0 && names.has(name)) return [duplicate(at, name)];
    names.add(name);
    return errors;
  });
}

function checkContainers(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (objectsAt(spec, 'containers').length === 0) errors.push(required(child(path, 'containers')));
  const volumes = new Set(objectsAt(spec, 'volumes').map((volume) => textAt(volume, 'name')));
  const names = new Set<string>();
  for (const field of ['containers', 'initContainers']) {
    for (const [index, container] of objectsAt(spec, field).entries()) {
      const at = `${child(path, field)}[${index}]`;
      const name = textAt(container, 'name');
      if (names.has(name)) errors.push(duplicate(child(at, 'name'), name));
      names.add(name);
      errors.push(
        ...checkContainer(container, at, volumes),
        ...checkResources(container, at),
        ...PROBES.flatMap((probe) => checkHandlers(container, probe, at)),
      );
    }
  }
  return errors;
}

/** Two containers cannot have one port of the node; in the node's network a port is the node's own. */
function checkHostPorts(spec: JsonObject, path: string): FieldError[] {
  const twice: FieldError[] = [];
  const others: FieldError[] = [];
  const taken = new Set<string>();
  for (const [index, container] of objectsAt(spec, 'containers').entries()) {
    for (const [number, port] of objectsAt(container, 'ports').entries()) {
      const at = `${child(path, 'containers')}[${index}].ports[${number}].hostPort`;
      const hostPort = numberAt(port, 'hostPort');
      if (hostPort === 0) continue;
      const key = `${textAt(port, 'protocol')}/${textAt(port, 'hostIP')}/${hostPort}`;
      if (taken.has(key)) twice.push(duplicate(at, key));
      taken.add(key);
      if (valueAt(spec, 'hostNetwork') === true && hostPort !== numberAt(port, 'containerPort')) {
        others.push(invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
      }
    }
  }
  return [...twice, ...others];
}

function checkDeadline(spec: JsonObject, path: string): FieldError[] {
  const seconds = valueAt(spec, 'activeDeadlineSeconds');
  if (typeof seconds !== 'number' || (seconds >= 1 && seconds <= MAX_INT32)) return [];
  const why = `must be between 1 and ${MAX_INT32}, inclusive`;
  return [invalid(child(path, 'activeDeadlineSeconds'), seconds, why)];
}

function checkNamed(
  spec: JsonObject,
  path: string,
  field: string,
  rule: (name: string) => string[],
): FieldError[] {
  const name = textAt(spec, field);
  return name === '' ? [] : rule(name).map((why) => invalid(child(path, field), name, why));
}

function checkContainer(container: JsonObject, path: string, volumes: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(container, 'name');
  if (name === '') errors.push(required(child(path, 'name')));
  else errors.push(...checkDnsLabel(name).map((why) => invalid(child(path, 'name'), name, why)));
  if (textAt(container, 'image') === '') errors.push(required(child(path, 'image')));
  errors.push(
    ...checkOneOf(container, path, 'imagePullPolicy', pullPolicies),
    ...checkPorts(container, path),
  );
  for (const [index, variable] of objectsAt(container, 'env').entries()) {
    if (textAt(variable, 'name') === '') errors.push(required(`${child(path, 'env')}[${index}].name`));
  }
  for (const [index, mount] of objectsAt(container, 'volumeMounts').entries()) {
    const volume = textAt(mount, 'name');
    const at = `${child(path, 'volumeMounts')}[${index}]`;
    if (volume === '') errors.push(required(child(at, 'name')));
    else if (!volumes.has(volume)) errors.push(notFound(child(at, 'name'), volume));
    if (textAt(mount, 'mountPath') === '') errors.push(required(child(at, 'mountPath')));
    errors.push(
      ...checkPropagation(container, mount, child(child(path, 'volumeMounts'), 'mountPropagation')),
    );
  }
  return errors;
}

/** Mounts of a container reach its node only where it may do everything anyway. */
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

/** A probe asks in one way. */
function checkHandlers(container: JsonObject, field: string, path: string): FieldError[] {
  const probe = valueAt(container, field);
  if (!isJsonObject(probe)) return [];
  const at = child(path, field);
  const [first, ...more] = HANDLERS.filter((handler) => isJsonObject(getOwn(probe, handler)));
  if (first === undefined) return [required(at, 'must specify a handler type')];
  return more.map((handler) => forbidden(child(at, handler), 'may not specify more than 1 handler type'));
}

function checkPropagation(container: JsonObject, mount: JsonObject, path: string): FieldError[] {
  const mode = textAt(mount, 'mountPropagation');
  if (mode === '') return [];
  if (!propagations.includes(mode)) return [notSupported(path, mode, propagations)];
  const isPrivileged = valueAt(container, 'securityContext', 'privileged') === true;
  return mode === 'Bidirectional' && !isPrivileged
    ? [forbidden(path, 'Bidirectional mount propagation is available only to privileged containers')]
    : [];
}

function checkPorts(container: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, port] of objectsAt(container, 'ports').entries()) {
    const at = `${child(path, 'ports')}[${index}]`;
    const name = textAt(port, 'name');
    if (name !== '') {
      errors.push(...checkPortName(name).map((why) => invalid(child(at, 'name'), name, why)));
      if (names.has(name)) errors.push(duplicate(child(at, 'name'), name));
      names.add(name);
    }
    const number = numberAt(port, 'containerPort');
    if (number === 0) errors.push(required(child(at, 'containerPort')));
    else
      errors.push(...checkPortNumber(number).map((why) => invalid(child(at, 'containerPort'), number, why)));
    const hostPort = numberAt(port, 'hostPort');
    if (hostPort !== 0)
      errors.push(...checkPortNumber(hostPort).map((why) => invalid(child(at, 'hostPort'), hostPort, why)));
    errors.push(...checkOneOf(port, at, 'protocol', protocols));
  }
  return errors;
}

function checkOneOf(
  object: JsonObject,
  path: string,
  field: string,
  allowed: readonly string[],
): FieldError[] {
  const value = textAt(object, field);
  return value === '' || allowed.includes(value)
    ? []
    : [notSupported(child(path, field), value, allowed.toSorted())];
}
