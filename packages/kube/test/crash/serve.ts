import { startEmbeddedServer } from '../../src/server/start-server.ts';

/** A server in a process of its own, to be killed: serves a directory until the end, and says where on its first line. */
const [dataDir, socketPath] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('say which directory to serve');
const server = await startEmbeddedServer({
  dataDir,
  clusterName: 'crash',
  ...(socketPath !== undefined && { socketPath }),
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
const { url, caCertPem, adminToken } = server;
process.stdout.write(`${JSON.stringify({ url, caCertPem, token: adminToken })}\n`);
process.on('SIGTERM', () => {
  void server.close().then(() => process.exit(0));
});
process.on('SIGUSR2', () => server.forgetHistory());
// Ends with whoever started it, also when that was killed.
process.stdin.on('end', () => process.exit(0)).resume();
