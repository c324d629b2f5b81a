/** `proved 14:02, 0.3 ms`; simulated packets are called so. */
export function proofText(proof: {
  readonly atMs: number;
  readonly rttMs?: number;
  readonly simulated?: boolean;
}): string {
  const rtt = proof.rttMs === undefined ? '' : `, ${formatRtt(proof.rttMs)}`;
  return `proved ${clockText(proof.atMs)}${rtt}${proof.simulated ? ', simulated' : ''}`;
}

/** Hours and minutes in the reader's time zone. */
export function clockText(atMs: number): string {
  const at = new Date(atMs);
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}

/** A round-trip time: three digits at most. */
export function formatRtt(rttMs: number): string {
  if (rttMs < 10) return `${Math.max(0.01, rttMs).toFixed(rttMs < 0.1 ? 2 : 1)} ms`;
  return `${Math.round(rttMs)} ms`;
}
