import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { NodeReport } from '@flatland/shared/report/report';
import { expect, test } from 'vitest';
import { eventually } from '../../test/console-harness.ts';
import { SimulatedNetwork } from '../../test/simulated-network.ts';
import { AgentReports, agentPods } from './agent-reports.ts';

const pod = (more: object, metadata: object = {}): KubernetesObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'flatland-agent-x',
      namespace: 'flatland-system',
      uid: 'u',
      labels: { 'app.kubernetes.io/name': 'flatland-agent' },
      ...metadata,
    },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
    ...more,
  }) as unknown as KubernetesObject;

test.each([
  ['a running agent', pod({}), 1],
  ['a pod of another name', pod({}, { labels: {} }), 0],
  ['a pod of another namespace that calls itself agent', pod({}, { namespace: 'shop' }), 0],
  ['an agent that is going', pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), 0],
  ['an agent that does not run', pod({ status: { phase: 'Pending' } }), 0],
  ['an agent without a node', pod({ spec: {} }), 0],
  ['an agent of nonsense', pod({ spec: 7, status: [] }), 0],
])('of %s there are reports: %s', (_name, object, n) => {
  expect(agentPods([object])).toHaveLength(n);
});

test('an agent speaks for its own node; other lines, nonsense and broken streams harm nothing', async () => {
  let nConnections = 0;
  const agent = createServer((_request, response) => {
    nConnections += 1;
    const line = (value: unknown) => response.write(`${JSON.stringify(value)}\n`);
    line(report('aws-east', 'aws-east-n1', nConnections));
    line(report('aws-east', 'another-node', 99));
    line(report('gke-west', 'aws-east-n1', 99));
    response.write('no json\n{"cluster":1}\n[]\n');
    line(report('aws-east', 'aws-east-n1', nConnections + 100));
    // the stream breaks in the middle of a line
    response.write('{"cluster":"aws-');
    setTimeout(() => response.destroy(), 20);
  }).listen(0, '127.0.0.1');
  await using network = await SimulatedNetwork.start(
    [{ cluster: 'aws-east', namespace: 'shop', name: 'a', domains: ['red'] }],
    async () => connect((agent.address() as AddressInfo).port, '127.0.0.1'),
  );
  const seen: NodeReport[] = [];
  const reports = new AgentReports(network.client('aws-east'), (one) => seen.push(one));
  reports.follow([{ name: 'flatland-agent-aws-east-n1', uid: 'u', node: 'aws-east-n1' }]);
  await eventually(() => seen.length >= 4);
  reports.follow([]);
  agent.closeAllConnections();
  agent.close();
  expect(seen.slice(0, 4).map(({ startedAtMs }) => startedAtMs)).toEqual([1, 101, 2, 102]);
});

function report(cluster: string, node: string, startedAtMs: number) {
  return { cluster, node, datapath: 'kernel', atMs: 1, startedAtMs, domains: [] };
}
