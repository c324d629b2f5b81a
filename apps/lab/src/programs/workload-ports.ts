/* istiod: XDS plain and over TLS, monitoring, webhooks. Consul: RPC, serf, HTTP, gRPC. */
const CONTROL_PLANE_PORTS: Readonly<Record<string, readonly number[]>> = {
  consul: [8300, 8301, 8500, 8502],
  istio: [15010, 15012, 15014, 15017],
};

/** The TCP ports on which a sample workload answers HTTP: 8080, and those of what it stands in for. */
export function workloadPorts(standInFor: string | undefined): number[] {
  return [8080, ...(CONTROL_PLANE_PORTS[standInFor ?? ''] ?? [])];
}
