/**
 * Stands in for a mesh's control plane in the lab: listens on its ports and says that it is a stand-in. Real control
 * planes run in the suites against real meshes.
 */
import { callNeighbours } from './call-neighbours.ts';
import { serveEcho, serveHttp } from './serve-workload.ts';
import { workloadPorts } from './workload-ports.ts';

serveHttp(workloadPorts(process.env['STAND_IN_FOR']));
serveEcho();
callNeighbours((process.env['NEIGHBOURS'] ?? '').split(',').filter((name) => name !== ''));
process.on('SIGTERM', () => process.exit(0));
