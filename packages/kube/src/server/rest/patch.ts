import { notServed } from '../status/status.ts';
import type { ResourceContext } from './request-context.ts';

/** Answers a patch. */
export async function handlePatch(_context: ResourceContext): Promise<void> {
  throw notServed('PATCH');
}
