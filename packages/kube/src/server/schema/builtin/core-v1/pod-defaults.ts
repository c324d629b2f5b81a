import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { objectsAt, textAt, valueAt } from '../printer-column.ts';
import { imageTag } from './image-reference.ts';
import { volumeSourceNames } from './volume.ts';

/**
 * Completes the spec of a pod or of a template as Kubernetes does beyond the schema (`core/v1` SetDefaults_PodSpec).
 * Changes the argument.
 */
export function completePodSpec(spec: JsonObject): void {
  if (!isJsonObject(getOwn(spec, 'securityContext'))) spec['securityContext'] = {};
  aliasServiceAccount(spec);
  for (const container of containersOf(spec)) {
    if (textAt(container, 'imagePullPolicy') !== '') continue;
    container['imagePullPolicy'] =
      imageTag(textAt(container, 'image')) === 'latest' ? 'Always' : 'IfNotPresent';
  }
  for (const volume of objectsAt(spec, 'volumes')) {
    if (!volumeSourceNames.some((name) => Object.hasOwn(volume, name))) volume['emptyDir'] = {};
  }
}

/** Completes what only pods have, not the templates that they are made of (`core/v1` SetDefaults_Pod). Changes the argument. */
export function completePod(spec: JsonObject): void {
  spec['enableServiceLinks'] ??= true;
  for (const container of containersOf(spec)) {
    if (spec['hostNetwork'] === true) bindHostPorts(container);
    requestLimits(container);
  }
}

function containersOf(spec: JsonObject): JsonObject[] {
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) => objectsAt(spec, field));
}

function aliasServiceAccount(spec: JsonObject): void {
  const name = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount');
  if (name === '') return;
  spec['serviceAccountName'] = name;
  spec['serviceAccount'] = name;
}

function bindHostPorts(container: JsonObject): void {
  for (const port of objectsAt(container, 'ports')) {
    if (getOwn(port, 'hostPort') === undefined) port['hostPort'] = getOwn(port, 'containerPort') ?? 0;
  }
}

function requestLimits(container: JsonObject): void {
  const limits = valueAt(container, 'resources', 'limits');
  const resources = valueAt(container, 'resources');
  if (!isJsonObject(limits) || !isJsonObject(resources)) return;
  const requests = getOwn(resources, 'requests');
  resources['requests'] = isJsonObject(requests) ? { ...limits, ...requests } : { ...limits };
}
