import { answerReview } from '../auth/reviews.ts';
import { parseObjectBody, readBody } from '../http/read-body.ts';
import { sendObject } from '../http/respond.ts';
import { methodNotSupported } from '../status/status.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import type { JsonObject } from '../schema/json.ts';
import { decodeObject } from './decode-object.ts';
import type { ResourceContext } from './request-context.ts';

/** Answers the reviews of authentication.k8s.io and authorization.k8s.io, which are asked by a create. */
export async function handleReview(context: ResourceContext): Promise<void> {
  const { definition, info, request, response, state, user } = context;
  if (info.verb !== 'create') throw methodNotSupported(resourceOf(definition), request.method ?? info.verb);
  const body = parseObjectBody(await readBody(request), request.headers['content-type']);
  const review = decodeObject(body, definition) as unknown as JsonObject;
  const status = answerReview(definition.kind, review, { state, user, namespace: info.namespace });
  const metadata = { ...(review['metadata'] as JsonObject), creationTimestamp: null };
  if ((metadata as JsonObject)['name'] === '') delete (metadata as JsonObject)['name'];
  sendObject(response, 201, { ...review, metadata, status });
}
