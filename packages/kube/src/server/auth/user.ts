/** Who makes a request (`authentication.k8s.io/v1 UserInfo`). */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const AUTHENTICATED_GROUP = 'system:authenticated';
export const UNAUTHENTICATED_GROUP = 'system:unauthenticated';
/** Passes every authorization. */
export const MASTERS_GROUP = 'system:masters';

/** A request without credentials. */
export const ANONYMOUS: User = { username: 'system:anonymous', groups: [UNAUTHENTICATED_GROUP] };
