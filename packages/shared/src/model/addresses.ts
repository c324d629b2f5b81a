import { z } from 'zod';
import { parseCidr, type Cidr } from '../address/cidr.ts';
import { parseIpAddress, type IpAddress } from '../address/ip.ts';
import type { Result } from '../result.ts';

/** zod schema of an address, giving its canonical text. */
export const zIpAddress = z
  .string()
  .max(45)
  .regex(/^[0-9a-fA-F:.]+$/, 'must be an IP address')
  .transform(parsed<IpAddress>(parseIpAddress));
/** zod schema of a prefix, giving its canonical text. */
export const zCidr = z
  .string()
  .max(49)
  .regex(/^[0-9a-fA-F:.]+\/[0-9]{1,3}$/, 'must be a prefix, for example 10.81.0.0/16')
  .transform(parsed<Cidr>(parseCidr));

function parsed<T>(parse: (text: string) => Result<T, string>) {
  return (text: string, context: z.core.$RefinementCtx<string>): T => {
    const result = parse(text);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.error });
    return z.NEVER;
  };
}
