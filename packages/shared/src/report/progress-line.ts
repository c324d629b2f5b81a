import { z } from 'zod';

/** What the lab and the console's backend print on stdout while they start, one JSON object a line, for `flatland up` to show. */
export const zProgressLine = z.discriminatedUnion('kind', [
  /** Something is done: `lab: 3 clusters, 6 nodes`. */
  z.object({ kind: z.literal('step'), text: z.string() }),
  /** Something is not as asked for, and what to do. */
  z.object({ kind: z.literal('warning'), text: z.string(), next: z.string().optional() }),
  /** The process is ready for use. */
  z.object({ kind: z.literal('ready'), text: z.string().optional() }),
  /** The console's one-time link. */
  z.object({ kind: z.literal('link'), url: z.string() }),
  /** The process cannot go on; it exits after this line. */
  z.object({ kind: z.literal('failed'), text: z.string(), next: z.string().optional() }),
]);
export type ProgressLine = z.infer<typeof zProgressLine>;
