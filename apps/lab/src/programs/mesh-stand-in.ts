/**
 * Stands in for a mesh's control plane in the lab: listens on its ports and says that it is a stand-in. Real control
 * planes run in the suites against real meshes.
 */
import { callNeighbours } from './call-neighbours.ts';
import { serveEcho, serveHttp } from './serve-workload.ts';

/* istiod: XDS plain and over TLS, monitoring, webhooks. Consul: RPC, serf, HTTP, gRPC. */
const PORTS: Readonly<Record<string, readonly number[]>> = {
  consul: [8080, 8300, 8301, 8500, 8502],
  istio: [8080, 15010, 15012, 15014, 15017],
};

serveHttp(PORTS[process.env['STAND_IN_FOR'] ?? ''] ?? [8080]);
serveEcho();
callNeighbours((process.env['NEIGHBOURS'] ?? '').split(',').filter((name) => name !== ''));
process.on('SIGTERM', () => process.exit(0));
