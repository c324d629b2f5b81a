/** The zone of all domains whose name nobody chose otherwise. A name server that forwards it knows domains that are to come. */
export const SHARED_ZONE = 'flatland';

/** The DNS name of a domain whose creator named none. */
export function defaultDnsName(domain: string): string {
  return `${domain}.${SHARED_ZONE}`;
}

/** The zones that a name server has to forward for domains with these DNS names, sorted: the shared one, and what is not below it. */
export function zonesToForward(dnsNames: readonly string[]): string[] {
  const apart = dnsNames.map((name) => name.toLowerCase()).filter((name) => !isWithin(name, SHARED_ZONE));
  return [...new Set([SHARED_ZONE, ...apart])].toSorted();
}

/** Whether a name is a zone's own, or below it. Both in lower case, without the root's dot. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}
