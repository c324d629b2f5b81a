import { z } from 'zod';

/** What the lab and the console's backend print on stdout while they start, one JSON object a line, for `flatland up` to show. */
export const zProgressLine = z.discriminatedUnion('event', [
  /** Something is done: `lab: 3 clusters, 6 nodes`. */
  z.looseObject({ event: z.literal('step'), text: z.string() }),
  /** Something is not as asked for, and what to do. */
  z.looseObject({ event: z.literal('warning'), text: z.string(), next: z.string().optional() }),
  /** The clusters' API servers answer, so that a console may start. */
  z.looseObject({ event: z.literal('api'), kubeconfig: z.string() }),
  /** The process is ready for use. */
  z.looseObject({ event: z.literal('ready') }),
  /** The console's one-time link. */
  z.looseObject({ event: z.literal('link'), url: z.string() }),
  /** The process cannot go on; it exits after this line. */
  z.looseObject({ event: z.literal('failed'), text: z.string(), next: z.string().optional() }),
]);
export type ProgressLine = z.infer<typeof zProgressLine>;
