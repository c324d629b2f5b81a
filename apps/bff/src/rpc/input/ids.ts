import { z } from 'zod';

const MAX_ID_LENGTH = 600;

/** An id of an element of the map: path segments of object names. */
export const zId = z
  .string()
  .min(1)
  .max(MAX_ID_LENGTH)
  .regex(/^[A-Za-z0-9][-A-Za-z0-9._]*(\/[A-Za-z0-9][-A-Za-z0-9._]*)*$/, 'must be names separated by slashes');

/** `cluster/namespace/Kind/name`. */
export const zWorkloadId = zId.regex(
  /^[^/]+\/[^/]+\/(DaemonSet|Deployment|Pod|StatefulSet)\/[^/]+$/,
  'must be CLUSTER/NAMESPACE/KIND/NAME',
);

/** Id of a change set, made by the console. */
export const zChangeSetId = z.uuid();

/** Made by the client for each thing it creates, so that sending twice creates once. */
export const zIdempotencyKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,64}$/, 'must be 16 to 64 letters or digits');

/** A title as a person writes it: one line, without control characters. */
export const zTitle = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line without control characters');

/** Which page of a list. */
export const zPageRequest = z
  .strictObject({
    cursor: z.string().max(64).optional(),
    limit: z.number().int().min(1).max(200).default(50),
    // infinite queries of the client say which way they page; lists go one way only
    direction: z.literal('forward').optional(),
  })
  .default({ limit: 50 });
