import { getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { objectsAt, textAt, valueAt } from '../printer-column.ts';
import { volumeSourceNames } from './volume.ts';

/** Completes a pod's spec as Kubernetes does beyond the schema (`core/v1` SetDefaults_*). Changes the argument. */
export function completePodSpec(spec: JsonObject): void {
  if (!isJsonObject(getOwn(spec, 'securityContext'))) spec['securityContext'] = {};
  aliasServiceAccount(spec);
  for (const field of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const container of objectsAt(spec, field))
      completeContainer(container, spec['hostNetwork'] === true);
  }
  for (const volume of objectsAt(spec, 'volumes')) {
    if (!volumeSourceNames.some((name) => Object.hasOwn(volume, name))) volume['emptyDir'] = {};
  }
}

function aliasServiceAccount(spec: JsonObject): void {
  const name = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount');
  if (name === '') return;
  spec['serviceAccountName'] = name;
  spec['serviceAccount'] = name;
}

function completeContainer(container: JsonObject, hostNetwork: boolean): void {
  if (textAt(container, 'imagePullPolicy') === '') {
    container['imagePullPolicy'] = isLatest(textAt(container, 'image')) ? 'Always' : 'IfNotPresent';
  }
  if (hostNetwork) {
    for (const port of objectsAt(container, 'ports')) {
      if (getOwn(port, 'hostPort') === undefined) port['hostPort'] = getOwn(port, 'containerPort') ?? 0;
    }
  }
  const limits = valueAt(container, 'resources', 'limits');
  const resources = valueAt(container, 'resources');
  if (isJsonObject(limits) && isJsonObject(resources)) {
    const requests = getOwn(resources, 'requests');
    resources['requests'] = isJsonObject(requests) ? { ...limits, ...requests } : { ...limits };
  }
}

/** Whether an image reference has the tag `latest`, or neither tag nor digest. */
function isLatest(image: string): boolean {
  const name = image.slice(image.lastIndexOf('/') + 1);
  if (name.includes('@')) return false;
  const colon = name.lastIndexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest';
}
