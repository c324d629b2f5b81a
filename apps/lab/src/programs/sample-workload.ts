/**
 * A workload of the sample: answers HTTP on 8080 with who it is and who called, echoes UDP and TCP on port 7
 * (RFC 862), and calls its neighbours now and then, so that the map has traffic.
 */
import { callNeighbours } from './call-neighbours.ts';
import { serveEcho, serveHttp } from './serve-workload.ts';
import { workloadPorts } from './workload-ports.ts';

serveHttp(workloadPorts(undefined));
serveEcho();
callNeighbours((process.env['NEIGHBOURS'] ?? '').split(',').filter((name) => name !== ''));
process.on('SIGTERM', () => process.exit(0));
