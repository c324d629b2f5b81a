import { printable, textOr } from '../../model/text.ts';
import { randomUUID } from 'node:crypto';
import type { BoundObject } from '../../auth/token-authority.ts';
import { API_AUDIENCE } from '../../auth/token-authority.ts';
import { parseObjectBody, readBody } from '../../http/read-body.ts';
import { sendObject } from '../../http/respond.ts';
import { formatTime } from '../../model/kube-object.ts';
import { readPath } from '../../model/read-path.ts';
import type { FieldError } from '../../schema/field-error.ts';
import { invalid as invalidField } from '../../schema/field-error.ts';
import type { JsonObject } from '../../schema/json.ts';
import { isJsonObject } from '../../schema/json.ts';
import { conflict, invalid, notFound } from '../../status/status.ts';
import { keyOf } from '../read-write.ts';
import type { ResourceContext } from '../request-context.ts';

const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

/** Answers `serviceaccounts/NAME/token`: issues a token that expires, for given audiences, bound to an object if asked. */
export async function handleToken(context: ResourceContext): Promise<void> {
  const { info, request, response, state } = context;
  const body = parseObjectBody(await readBody(request), request.headers['content-type']);
  const spec = isJsonObject(body['spec']) ? body['spec'] : {};
  const errors = specErrors(spec);
  if (errors.length > 0)
    throw invalid({ group: 'authentication.k8s.io', name: 'TokenRequest' }, info.name, errors);
  const account = state.store.get(keyOf(context))?.object;
  if (!account) throw notFound({ group: '', name: 'serviceaccounts' }, info.name);
  const audiences = (spec['audiences'] as string[] | null | undefined) ?? [];
  const seconds = Number(spec['expirationSeconds'] ?? DEFAULT_SECONDS);
  const nowMs = state.nowMs();
  const issuedAtS = Math.floor(nowMs / 1000);
  const bound = boundObject(spec['boundObjectRef'], context);
  const token = state.tokens.issue({
    namespace: info.namespace,
    serviceAccount: { name: info.name, uid: account.metadata.uid! },
    ...bound,
    audiences: audiences.length === 0 ? [API_AUDIENCE] : audiences,
    issuedAtS,
    expiresAtS: issuedAtS + seconds,
    id: randomUUID(),
  });
  sendObject(response, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: info.name, namespace: info.namespace, creationTimestamp: formatTime(nowMs) },
    spec: {
      audiences: audiences.length === 0 ? [API_AUDIENCE] : audiences,
      expirationSeconds: seconds,
      boundObjectRef: spec['boundObjectRef'] ?? null,
    },
    status: { token, expirationTimestamp: formatTime((issuedAtS + seconds) * 1000) },
  });
}

function specErrors(spec: JsonObject): FieldError[] {
  const seconds = spec['expirationSeconds'] ?? DEFAULT_SECONDS;
  const errors: FieldError[] = [];
  if (!Number.isSafeInteger(seconds) || (seconds as number) < MIN_SECONDS) {
    errors.push(
      invalidField('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'),
    );
  } else if ((seconds as number) > MAX_SECONDS) {
    errors.push(
      invalidField('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'),
    );
  }
  const audiences = spec['audiences'] ?? [];
  if (
    !Array.isArray(audiences) ||
    !audiences.every((audience) => typeof audience === 'string' && audience !== '')
  ) {
    errors.push(invalidField('spec.audiences', audiences, 'must be a list of names'));
  }
  return errors;
}

function boundObject(
  reference: unknown,
  { state, info }: ResourceContext,
): { bound?: BoundObject; node?: { name: string; uid?: string } } {
  if (!isJsonObject(reference)) return {};
  const kind = textOr(reference['kind']);
  const name = textOr(reference['name']);
  const resource = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[kind];
  if (resource === undefined) {
    throw invalid({ group: 'authentication.k8s.io', name: 'TokenRequest' }, info.name, [
      invalidField(
        'spec.boundObjectRef',
        kind,
        'cannot bind token for serviceaccount to this type; supported types are Pod, Node, Secret',
      ),
    ]);
  }
  const namespace = kind === 'Node' ? '' : info.namespace;
  const object = state.store.get({ resource, namespace, name })?.object;
  if (!object) throw notFound({ group: '', name: resource }, name);
  const uid = object.metadata.uid!;
  if (reference['uid'] && reference['uid'] !== uid) {
    throw conflict(
      { group: '', name: resource },
      name,
      `the UID in the bound object reference (${printable(reference['uid'])}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  const bound: BoundObject = { kind: kind as BoundObject['kind'], apiVersion: 'v1', name, uid };
  const nodeName = kind === 'Pod' ? readPath(object, ['spec', 'nodeName']) : undefined;
  if (typeof nodeName !== 'string' || nodeName === '') return { bound };
  const node = state.store.get({ resource: 'nodes', namespace: '', name: nodeName })?.object;
  return { bound, node: { name: nodeName, ...(node?.metadata.uid && { uid: node.metadata.uid }) } };
}
