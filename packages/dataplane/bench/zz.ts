import { randomBytes } from 'node:crypto';
import { clampPrivateKey, publicKeyOf } from '/tmp/wt/native/packages/dataplane/src/core/noise/keys.ts';
import { nodeWireguardCrypto as crypto } from '/tmp/wt/native/packages/dataplane/src/io/node/wireguard-crypto.ts';
import { Sandbox } from '/tmp/wt/native/packages/dataplane/test/support/sandbox.ts';
import { address, joinTwoNamespaces, startForwarder, wg } from '/tmp/wt/native/packages/dataplane/test/support/underlay.ts';
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
const kind = process.argv[2], secs = process.argv[3] ?? '5', perf = process.argv[4];
await using sandbox = await Sandbox.open();
await joinTwoNamespaces(sandbox);
const keys = [1, 2].map(() => clampPrivateKey(randomBytes(32)));
for (const n of [1, 2] as const) {
  const peer = 3 - n;
  if (kind === 'go') { await sandbox.must(['/root/.cache/flatland/bin/wireguard', `wg${n}`], { netns: `n${n}` }); }
  else { const { client } = await startForwarder(sandbox, `n${n}`); const made = await client.ensureDevice({ name: `wg${n}`, mtuBytes: 1420 }); if (!made.ok) throw new Error(made.error.message); }
  const base64 = Buffer.from(keys[n - 1]!.expose()).toString('base64');
  const peerKey = publicKeyOf(crypto.publicKey(keys[peer - 1]!.expose()));
  await wg(sandbox, `n${n}`, `set wg${n} listen-port 500${n} private-key /dev/stdin peer ${peerKey} allowed-ips 10.9.0.${peer}/32 endpoint 192.168.9.${peer}:500${peer}`, base64);
  await address(sandbox, `n${n}`, `wg${n}`, n);
}
const t = '10.9.0.2';
const cpu = () => { let ticks = 0; for (const pid of readdirSync('/proc').filter(d => /^\d+$/.test(d))) { try { const comm = readFileSync(`/proc/${pid}/cmdline`, 'latin1'); if (!comm.includes(kind === 'go' ? 'flatland/bin/wireguard' : 'forwarder-main')) continue; for (const tid of readdirSync(`/proc/${pid}/task`)) { const f = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1').split(') ')[1].split(' '); ticks += Number(f[11]) + Number(f[12]); } } catch {} } return ticks / 100; };
await sandbox.run(['ping', '-q', '-c', '20', '-i', '0.02', t], { netns: 'n1' });
for (let r = 0; r < Number(process.argv[5] ?? 1); r++) {
const ping = await sandbox.must(['ping', '-q', '-c', '100', '-i', '0.02', t], { netns: 'n1' });
console.log('rtt', / = (.*)/.exec(ping)?.[1]);
const run = async (...args: string[]) => {
const server = sandbox.start(['iperf3', '-s', '-1', '--forceflush'], { netns: 'n2' });
await new Promise((resolve) => server.stdout?.once('data', resolve));
const p = sandbox.must(['iperf3', '-c', t, '-t', secs, '-J', ...args], { netns: 'n1' });
if (perf) { await new Promise(r => setTimeout(r, 1000)); execFileSync('perf', ['record', '-a', '-g', '-F', '2999', '-o', perf, 'sleep', '2'], {stdio:'inherit'}); }
const { end } = JSON.parse(await p);
return end;
};
const c0 = cpu(); const e = await run(); const c1 = cpu(); const gbit = e.sum_received.bytes*8/1e9; console.log('cpu-s/Gbit tunnel', ((c1-c0)/gbit).toFixed(4), 'iperf', ((e.cpu_utilization_percent.host_total + e.cpu_utilization_percent.remote_total)/100*Number(secs)/gbit).toFixed(4));
console.log('tcp1 Gbit/s', (e.sum_received.bits_per_second / 1e9).toFixed(2), 'retr', e.sum_sent.retransmits, 'cpu', JSON.stringify(e.cpu_utilization_percent.host_total), e.cpu_utilization_percent.remote_total);
if (!perf && process.argv[6]) { const e8 = await run('-P', '8'); console.log('tcp8', (e8.sum_received.bits_per_second / 1e9).toFixed(2), 'retr', e8.sum_sent.retransmits);
const u = await run('-u', '-b', '0', '-l', '1372'); console.log('udp', (u.sum.bits_per_second / 1e9).toFixed(2), 'lost%', u.sum.lost_percent, JSON.stringify(u.sum_received?.bits_per_second/1e9)); }
}
process.exit(0);
