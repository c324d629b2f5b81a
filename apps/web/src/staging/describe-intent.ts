import type { Intent } from '@flatland/shared/intent/intent';
import { workloadParts } from '../graph/model/element-key.ts';

/** One line for people: what the intent does. */
export function describeIntent(intent: Intent): string {
  switch (intent.kind) {
    case 'join':
      return `${workloadParts(intent.workload).name} joins ${intent.domain}`;
    case 'join-namespace':
      return `every workload of ${intent.cluster}/${intent.namespace} joins ${intent.domain}`;
    case 'leave':
      return `${workloadParts(intent.workload).name} leaves ${intent.domain}`;
    case 'create-domain':
      return `new domain ${intent.domain.name} over ${intent.domain.clusters.join(', ')}`;
    case 'delete-domain':
      return `domain ${intent.domain} is deleted`;
    case 'span':
      return `${intent.domain} spans ${intent.cluster}`;
    case 'unspan':
      return `${intent.domain} leaves ${intent.cluster}`;
    case 'bind-mesh':
      return `mesh ${intent.mesh.split('/').at(-1)} is bound to ${intent.domain}`;
    case 'enrol':
      return `${workloadParts(intent.workload).name} is enrolled in ${intent.mesh.split('/').at(-1)}`;
    case 'link':
      return `${intent.clusters.join(' and ')} are linked${intent.through === undefined ? '' : ` through ${intent.through}`}`;
    case 'renew-link':
      return `${intent.cluster} gets a new token for its link ${intent.link}`;
    case 'put-object':
      return `${objectName(intent.object)} is put into ${intent.cluster}`;
    case 'delete-object':
      return `${objectName(intent.object)} is deleted from ${intent.cluster}`;
  }
}

/** Title of a change set, at most 200 characters. */
export function titleOf(intents: readonly Intent[]): string {
  const [first, ...rest] = intents;
  if (first === undefined) return 'Nothing staged';
  const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
  const text = describeIntent(first);
  return `${text.slice(0, 180)}${more}`;
}

function objectName(object: object): string {
  const { kind, metadata } = object as { kind?: unknown; metadata?: { name?: unknown } };
  const name = metadata?.name;
  return `${typeof kind === 'string' ? kind : 'object'} ${typeof name === 'string' ? name : ''}`.trim();
}
