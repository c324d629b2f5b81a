import type { IpAddress } from '../address/ip.ts';
import type { DomainName } from '../model/names.ts';
import type { ReasonCode } from '../reason/reasons.ts';
import type { ObjectRef, WorkloadId } from '../topology/topology.ts';

/** One end of a pair: a workload, or one of its instances. */
export interface EndRef {
  readonly workload: WorkloadId;
  readonly instance?: string;
}

/** Reserved for policies that look at ports; within a domain everything may talk. */
export interface Traffic {
  readonly protocol?: 'ICMP' | 'TCP' | 'UDP';
  readonly port?: number;
}

/** May A reach B, why, and which object and field decide. */
export interface Verdict {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly reason: ReasonCode;
  readonly detail: string;
  /** Domains over which A reaches B, sorted. */
  readonly domains: readonly DomainName[];
  readonly deciding?: ObjectRef;
  /** For `unknown`: since when. */
  readonly sinceMs?: number;
  /** Hop by hop, where the answer is yes and both ends are programmed. */
  readonly path: readonly Hop[];
}

export type Hop =
  | {
      readonly type: 'instance';
      readonly workload: WorkloadId;
      readonly instance: string;
      readonly address: IpAddress;
    }
  | {
      readonly type: 'router';
      readonly node: string;
      readonly domain: DomainName;
      readonly address?: IpAddress;
    }
  | {
      readonly type: 'tunnel';
      readonly from: string;
      readonly to: string;
      readonly domain: DomainName;
      readonly relay?: string;
    };

/** An ordered pair of workloads. */
export interface Pair {
  readonly from: WorkloadId;
  readonly to: WorkloadId;
}
