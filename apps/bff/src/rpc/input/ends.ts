import { zObjectName } from '@flatland/shared/model/names';
import { z } from 'zod';
import { zWorkloadId } from './ids.ts';

/** One end of a pair: a workload, or one of its instances. */
export const zEndRef = z.strictObject({ workload: zWorkloadId, instance: zObjectName.exactOptional() });

/** Protocol and port of the question "may A reach B". */
export const zTraffic = z.strictObject({
  protocol: z.enum(['ICMP', 'TCP', 'UDP']).exactOptional(),
  port: z.number().int().min(1).max(65_535).exactOptional(),
});
