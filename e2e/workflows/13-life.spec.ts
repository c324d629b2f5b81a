import { fileURLToPath } from 'node:url';
import { kubectlGet, membersOf, podIdentities } from '../src/cluster-state.ts';
import { startInPod } from '../src/pod-program.ts';
import type { Stack } from '../src/stack.ts';
import { expect, test } from '../src/test.ts';

const PROGRAM = fileURLToPath(new URL('../src/transfer.ts', import.meta.url));
const PORT = 9100;
/** `npm run test:long` asks for 10 GB and twenty kills. */
const N_BYTES = Number(process.env['FLATLAND_TRANSFER_MEGABYTES'] ?? 192) * 1_000_000;
const N_AGENT_KILLS = Number(process.env['FLATLAND_AGENT_KILLS'] ?? 3);
const N_FORWARDER_KILLS = Number(process.env['FLATLAND_FORWARDER_KILLS'] ?? 1);

const SENDER = { cluster: 'aws-east', namespace: 'shop', name: 'frontend', selector: 'app=frontend' };
const RECEIVER = { cluster: 'gke-west', namespace: 'shop', name: 'catalog', selector: 'app=catalog' };

test('a transfer between clusters is whole, byte for byte, while agents and forwarders are killed', async ({
  stack,
}) => {
  test.skip(
    process.env['FLATLAND_DATAPATH'] === 'in-memory',
    'in memory there are no processes to send and none to kill',
  );
  test.setTimeout(1_800_000);
  const from = await endOf(stack, SENDER);
  const to = await endOf(stack, RECEIVER);
  const before = [await podIdentities(stack, SENDER), await podIdentities(stack, RECEIVER)];
  const node = process.execPath;
  const receiver = startInPod(stack, to.pod, [node, PROGRAM, 'receive', `${PORT}`, `${N_BYTES}`]);
  await receiver.line(() => true);
  const sender = startInPod(stack, from.pod, [node, PROGRAM, 'send', to.address, `${PORT}`, `${N_BYTES}`]);
  try {
    for (const { program, end } of killings(from, to)) {
      await receiver.line((line) => bytesOf(line) >= end.atBytes);
      await kill(stack, program, end.cluster, end.node);
    }
    const [sent, received] = [await sender.ended, await receiver.ended];
    expect([sent.exitCode, received.exitCode]).toEqual([0, 0]);
    expect(received.lines.at(-1)).toBe(sent.lines.at(-1));
    expect(bytesOf(received.lines.at(-1) ?? '')).toBe(N_BYTES);
  } finally {
    sender.stop();
    receiver.stop();
  }
  expect((await endOf(stack, SENDER)).address).toBe(from.address);
  expect((await endOf(stack, RECEIVER)).address).toBe(to.address);
  expect([await podIdentities(stack, SENDER), await podIdentities(stack, RECEIVER)]).toEqual(before);
});

interface End {
  readonly cluster: string;
  readonly node: string;
  /** `CLUSTER/NAMESPACE/POD` */
  readonly pod: string;
  readonly address: string;
}

/** The first instance of a workload, with its IPv4 address in red. */
async function endOf(stack: Stack, workload: typeof SENDER): Promise<End> {
  const { cluster, namespace, name } = workload;
  const [member] = await membersOf(stack, cluster, name);
  if (member === undefined) throw new Error(`${name} is no member of red`);
  const [pod] = await kubectlGet(stack, cluster, 'pod', member.pod, '-n', namespace);
  if (pod === undefined) throw new Error(`pod ${member.pod} is gone`);
  const { nodeName } = pod.spec as { nodeName: string };
  return {
    cluster,
    node: nodeName,
    pod: `${cluster}/${namespace}/${member.pod}`,
    address: member.address,
  };
}

/** Who is killed when so much has arrived, spread over the transfer and over both ends. */
function killings(from: End, to: End) {
  const spread = (program: string, count: number, offset: number) =>
    Array.from({ length: count }, (_, index) => ({
      program,
      end: {
        ...(index % 2 === 0 ? from : to),
        atBytes: Math.floor(((index + offset) / (count + 1)) * N_BYTES),
      },
    }));
  return [
    ...spread('flatland-agent', N_AGENT_KILLS, 0.8),
    ...spread('flatland-forwarder', N_FORWARDER_KILLS, 1),
  ].toSorted((a, b) => a.end.atBytes - b.end.atBytes);
}

/** Takes a program of a node away without notice, and waits for the one that follows it. */
async function kill(stack: Stack, program: string, cluster: string, node: string): Promise<void> {
  const running = async () =>
    (
      await kubectlGet(
        stack,
        cluster,
        'pods',
        '-n',
        'flatland-system',
        '-l',
        `app.kubernetes.io/name=${program}`,
        '--field-selector',
        `spec.nodeName=${node},status.phase=Running`,
      )
    ).map((pod) => pod.metadata.name);
  const [name] = await running();
  if (name === undefined) throw new Error(`no ${program} runs on ${node}`);
  const deleted = await stack.kubectl(
    '--context',
    cluster,
    'delete',
    'pod',
    name,
    '-n',
    'flatland-system',
    '--force',
    '--grace-period=0',
  );
  if (deleted.exitCode !== 0) throw new Error(deleted.stderr);
  await expect
    .poll(async () => (await running()).filter((other) => other !== name).length, { timeout: 60_000 })
    .toBe(1);
}

function bytesOf(line: string): number {
  return (JSON.parse(line) as { bytes: number }).bytes;
}
