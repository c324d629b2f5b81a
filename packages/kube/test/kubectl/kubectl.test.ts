import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedServer } from '../../src/server/start-server.ts';
import { startEmbeddedServer } from '../../src/server/start-server.ts';
import { configMap, definition, deployment, pod } from '../conformance/objects.ts';
import { NODE, sampleKubelets } from '../kubelet/sample-kubelets.ts';
import type { Kubectl } from './kubectl.ts';
import { kubectlFor, kubectlVersion } from './kubectl.ts';

const version = kubectlVersion();
const title =
  version === undefined
    ? 'stock kubectl: LEFT OUT, there is no kubectl on this machine'
    : `stock kubectl ${version}`;

const PATIENCE = { timeout: 20_000, interval: 100 };

describe.skipIf(version === undefined)(title, { timeout: 60_000 }, () => {
  let home: string;
  let server: EmbeddedServer;
  let kubectl: Kubectl;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'flatland-kubectl-'));
    server = await startEmbeddedServer({
      dataDir: join(home, 'data'),
      clusterName: 'kubectl',
      kubelets: sampleKubelets(),
    });
    kubectl = await kubectlFor(server, home);
    const workload = deployment('web', { labels: { app: 'web' } }, { replicas: 2 });
    await kubectl.ok('create -f -', JSON.stringify(workload));
    await kubectl.ok(
      'create -f -',
      JSON.stringify(pod('one', { labels: { app: 'one' } }, { nodeName: NODE })),
    );
    await kubectl.ok('apply --server-side -f -', JSON.stringify(WIDGETS));
    await kubectl.ok('wait --for=condition=Established crd/widgets.example.com');
  }, 120_000);

  /** How many watches the server has open for clients. */
  const openWatches = async () => {
    const metrics = await kubectl.ok('get --raw /metrics');
    return Number(/^apiserver_longrunning_requests\{verb="WATCH"\} (\d+)$/m.exec(metrics)?.[1]);
  };

  afterAll(async () => {
    await server.close();
    await rm(home, { recursive: true });
  });

  describe('get', () => {
    it('prints tables, wide and by label, field and namespace', async () => {
      expect(await kubectl.ok('get deployments')).toMatch(
        /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0\/2 +0 +0 +\d+s\n$/,
      );
      expect(await kubectl.ok('get deploy -o wide')).toMatch(
        /CONTAINERS +IMAGES +SELECTOR\nweb .* main +example\/image:1 +app=web\n$/,
      );
      expect(await kubectl.ok('get all -A')).toContain('deployment.apps/web');
      expect(await kubectl.ok('get pods -l app=one -o name')).toBe('pod/one\n');
      expect(await kubectl.ok('get pods -l app!=one -o name')).toBe('');
      expect(await kubectl.ok(`get pods --field-selector spec.nodeName=${NODE} -o name`)).toBe('pod/one\n');
      expect(await kubectl.ok('get pods,deployments --show-labels')).toContain('app=web');
    });

    it('prints YAML, JSON, JSONPath, templates and custom columns', async () => {
      expect(await kubectl.ok('get deploy web -o yaml')).toContain('progressDeadlineSeconds: 600');
      expect((JSON.parse(await kubectl.ok('get deploy web -o json')) as { kind: string }).kind).toBe(
        'Deployment',
      );
      expect(await kubectl.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}'])).toBe('2');
      expect(await kubectl.ok(['get', 'deploy', 'web', '-o', 'go-template={{.metadata.name}}'])).toBe('web');
      expect(await kubectl.ok('get deploy web -o custom-columns=N:.metadata.name,R:.spec.replicas')).toBe(
        'N     R\nweb   2\n',
      );
    });

    it('watches', async () => {
      const watching = kubectl.run('get configmaps -w --request-timeout=4s -l watched=yes');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await kubectl.ok('create -f -', JSON.stringify(configMap('seen', { labels: { watched: 'yes' } })));
      const { stdout } = await watching;
      expect(stdout).toMatch(/^NAME +DATA +AGE\nseen +1 +\d+s/);
    });

    it('pages through long lists', async () => {
      const items = [1, 2, 3, 4, 5].map((index) => configMap(`page-${index}`, { labels: { page: 'yes' } }));
      await kubectl.ok('apply --server-side -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      const out = await kubectl.ok('get cm -l page=yes --chunk-size=2 -o name');
      expect(out.trim().split('\n')).toHaveLength(5);
    });

    it('says what is not there', async () => {
      const missing = await kubectl.run('get pod nothing');
      expect([missing.code, missing.stderr]).toEqual([
        1,
        'Error from server (NotFound): pods "nothing" not found\n',
      ]);
      expect((await kubectl.run('get nothings')).stderr).toContain(
        `the server doesn't have a resource type "nothings"`,
      );
    });
  });

  it('describes pods, deployments, namespaces and nodes', async () => {
    expect(await kubectl.ok('describe pod one')).toMatch(/Name: +one\n[\s\S]*QoS Class: +BestEffort/);
    expect(await kubectl.ok('describe deployment web')).toContain('2 desired | 0 updated | 0 total');
    expect(await kubectl.ok('describe namespace default')).toMatch(/Status: +Active/);
    await kubectl.ok(
      'create -f -',
      JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'described' } }),
    );
    expect(await kubectl.ok('describe node described')).toMatch(/Name: +described/);
    await kubectl.ok('delete node described');
  });

  it('explains built-in and custom fields', async () => {
    expect(await kubectl.ok('explain pod.spec.containers.ports.protocol')).toContain(
      'Protocol for port. Must be UDP, TCP, or SCTP.',
    );
    expect(await kubectl.ok('explain widget.spec')).toMatch(
      /KIND: +Widget[\s\S]*size\t<integer> -required-\n +How big it is\./,
    );
    expect(await kubectl.ok('explain deployment --recursive')).toContain('matchLabels');
  });

  describe('apply', () => {
    it('server-side creates, changes and reports', async () => {
      expect(await kubectl.ok('apply --server-side -f -', JSON.stringify(configMap('ssa')))).toBe(
        'configmap/ssa serverside-applied\n',
      );
      await kubectl.ok('apply --server-side -f -', JSON.stringify(configMap('ssa', {}, { key: 'new' })));
      expect(await kubectl.ok(['get', 'cm', 'ssa', '-o', 'jsonpath={.data.key}'])).toBe('new');
    });

    it('server-side refuses a conflict with the words of Kubernetes, and takes over when forced', async () => {
      await kubectl.ok(
        'apply --server-side --field-manager=first -f -',
        JSON.stringify(configMap('fought', {}, { key: '1' })),
      );
      const second = JSON.stringify(configMap('fought', {}, { key: '2' }));
      const { code, stderr } = await kubectl.run('apply --server-side --field-manager=second -f -', {
        input: second,
      });
      expect(code).toBe(1);
      expect(stderr).toContain('Apply failed with 1 conflict: conflict with "first": .data.key');
      expect(stderr).toContain('Please review the fields above');
      await kubectl.ok('apply --server-side --field-manager=second --force-conflicts -f -', second);
      expect(await kubectl.ok(['get', 'cm', 'fought', '-o', 'jsonpath={.data.key}'])).toBe('2');
    });

    it('client-side creates, leaves alone and configures', async () => {
      const object = JSON.stringify(deployment('csa', {}, { replicas: 1 }));
      expect(await kubectl.ok('apply -f -', object)).toBe('deployment.apps/csa created\n');
      expect(await kubectl.ok('apply -f -', object)).toBe('deployment.apps/csa unchanged\n');
      expect(await kubectl.ok('apply -f -', JSON.stringify(deployment('csa', {}, { replicas: 3 })))).toBe(
        'deployment.apps/csa configured\n',
      );
      expect(await kubectl.ok(['get', 'deploy', 'csa', '-o', 'jsonpath={.spec.replicas}'])).toBe('3');
    });

    it('custom resources too, and prunes nothing that it should keep', async () => {
      const widget = {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { size: 3 },
      };
      expect(await kubectl.ok('apply -f -', JSON.stringify(widget))).toBe('widget.example.com/w created\n');
      expect(
        await kubectl.ok(
          'apply --server-side --force-conflicts -f -',
          JSON.stringify({ ...widget, spec: { size: 4 } }),
        ),
      ).toBe('widget.example.com/w serverside-applied\n');
      expect(await kubectl.ok('get widgets')).toMatch(/^NAME +SIZE\nw +4\n$/);
    });

    it('a List of built-in and custom objects, whose items kubectl checks itself', async () => {
      const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'listed' } };
      const list = (spec: object) =>
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [configMap('listed'), { ...widget, spec }],
        });
      expect(await kubectl.ok('apply -f -', list({ size: 3 }))).toBe(
        'configmap/listed created\nwidget.example.com/listed created\n',
      );
      const unknown = await kubectl.run('apply -f -', { input: list({ size: 3, weight: 4 }) });
      expect([unknown.code, unknown.stderr]).toEqual([
        1,
        expect.stringContaining('unknown field "weight" in com.example.v1.Widget.spec'),
      ]);
    });

    it('reports unknown fields and invalid values', async () => {
      const unknown = await kubectl.run('create -f -', {
        input: JSON.stringify({ ...deployment('bad'), nothing: 1 }),
      });
      expect(unknown.stderr).toContain('strict decoding error: unknown field "nothing"');
      const invalid = await kubectl.run('apply -f -', {
        input: JSON.stringify(deployment('bad', {}, { replicas: -1 })),
      });
      expect(invalid.stderr).toContain(
        'The Deployment "bad" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      );
      const widget = {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { name: 'bad' },
        spec: { size: 99 },
      };
      const custom = await kubectl.run('create -f -', { input: JSON.stringify(widget) });
      expect(custom.stderr).toContain(
        'spec.size: Invalid value: 99: spec.size in body should be less than or equal to 10',
      );
    });
  });

  it('diffs, server-side and client-side, without writing', async () => {
    const changed = JSON.stringify(deployment('web', {}, { replicas: 7 }));
    for (const mode of ['--server-side --force-conflicts', '--server-side=false']) {
      const { code, stdout } = await kubectl.run(`diff ${mode} -f -`, { input: changed });
      expect([code, stdout]).toEqual([1, expect.stringMatching(/-  replicas: 2\n\+  replicas: 7/)]);
    }
    expect(await kubectl.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}'])).toBe('2');
  });

  it('creates by its generators, whose bodies are protobuf', async () => {
    expect(await kubectl.ok('create namespace made')).toBe('namespace/made created\n');
    expect(await kubectl.ok('create configmap -n made made --from-literal=a=b')).toBe(
      'configmap/made created\n',
    );
    expect(await kubectl.ok('create secret generic -n made made --from-literal=a=b')).toBe(
      'secret/made created\n',
    );
    expect(await kubectl.ok(['get', 'secret', '-n', 'made', 'made', '-o', 'jsonpath={.data.a}'])).toBe(
      'Yg==',
    );
    expect(await kubectl.ok('create deployment -n made made --image=x:1 --replicas=0 --port=80')).toBe(
      'deployment.apps/made created\n',
    );
    expect(
      await kubectl.ok([
        'get',
        'deploy',
        '-n',
        'made',
        'made',
        '-o',
        'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort}',
      ]),
    ).toBe('0 80');
    expect(await kubectl.ok('create serviceaccount -n made robot')).toBe('serviceaccount/robot created\n');
    expect(
      await kubectl.ok('create role -n made reader --verb=get,list --resource=pods,deployments.apps'),
    ).toBe('role.rbac.authorization.k8s.io/reader created\n');
    expect(
      await kubectl.ok('create rolebinding -n made reader --role=reader --serviceaccount=made:robot'),
    ).toBe('rolebinding.rbac.authorization.k8s.io/reader created\n');
    expect(await kubectl.ok('create service clusterip -n made made --tcp=80:8080')).toBe(
      'service/made created\n',
    );
    expect(
      await kubectl.ok(['get', 'svc', '-n', 'made', 'made', '-o', 'jsonpath={.spec.ports[0].targetPort}']),
    ).toBe('8080');
    expect(
      await kubectl.ok('create poddisruptionbudget -n made made --selector=app=made --min-available=50%'),
    ).toBe('poddisruptionbudget.policy/made created\n');
    expect(await kubectl.ok('create priorityclass made --value=7 --description=seven')).toBe(
      'priorityclass.scheduling.k8s.io/made created\n',
    );
    expect(await kubectl.ok('create token -n made robot --duration=20m')).toMatch(
      /^[\w-]+\.[\w-]+\.[\w-]+\n?$/,
    );
    expect(await kubectl.ok('run -n made bare --image=x:1')).toBe('pod/bare created\n');
    expect(await kubectl.ok('expose deployment -n made made --name=exposed --port=80')).toBe(
      'service/exposed exposed\n',
    );
  });

  it('asks who may what', async () => {
    expect(await kubectl.ok('auth can-i create pods')).toBe('yes\n');
    const no = await kubectl.run('auth can-i delete pods --as=system:serviceaccount:made:robot -n made');
    expect([no.code, no.stdout]).toEqual([1, 'no\n']);
    expect(await kubectl.ok('auth can-i get pods --as=system:serviceaccount:made:robot -n made')).toBe(
      'yes\n',
    );
    expect(await kubectl.ok('auth can-i --list --as=system:serviceaccount:made:robot -n made')).toMatch(
      /deployments\.apps +\[\] +\[\] +\[get list\]/,
    );
    expect(await kubectl.ok('auth whoami')).toMatch(/Username +admin/);
  });

  it('edits with the editor that it is told', async () => {
    const editor = join(home, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/key: value/key: edited/" "$1"\n');
    await chmod(editor, 0o700);
    await kubectl.ok('create -f -', JSON.stringify(configMap('edited')));
    const { stdout } = await kubectl.run('edit configmap edited', { env: { EDITOR: editor } });
    expect(stdout).toBe('configmap/edited edited\n');
    expect(await kubectl.ok(['get', 'cm', 'edited', '-o', 'jsonpath={.data.key}'])).toBe('edited');
  });

  it('labels, annotates, patches and sets', async () => {
    await kubectl.ok('create -f -', JSON.stringify(configMap('marked')));
    expect(await kubectl.ok('label cm marked a=b')).toBe('configmap/marked labeled\n');
    expect((await kubectl.run('label cm marked a=c')).stderr).toContain(
      "'a' already has a value (b), and --overwrite is false",
    );
    expect(await kubectl.ok('annotate cm marked note=x')).toBe('configmap/marked annotated\n');
    expect(await kubectl.ok(['patch', 'cm', 'marked', '--type=merge', '-p', '{"data":{"more":"1"}}'])).toBe(
      'configmap/marked patched\n',
    );
    expect(
      await kubectl.ok([
        'patch',
        'cm',
        'marked',
        '--type=json',
        '-p',
        '[{"op":"remove","path":"/data/more"}]',
      ]),
    ).toBe('configmap/marked patched\n');
    expect(await kubectl.ok('set image deployment/web main=example/image:2')).toBe(
      'deployment.apps/web image updated\n',
    );
    expect(
      await kubectl.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[*].image}']),
    ).toBe('example/image:2');
  });

  it('scales, and waits for conditions, fields and deletion', async () => {
    expect(await kubectl.ok('scale deployment web --replicas=4 --current-replicas=2')).toBe(
      'deployment.apps/web scaled\n',
    );
    expect((await kubectl.run('scale deployment web --replicas=5 --current-replicas=2')).stderr).toContain(
      'Expected replicas to be 2, was 4',
    );
    const status = {
      status: {
        observedGeneration: 9,
        replicas: 4,
        updatedReplicas: 4,
        readyReplicas: 4,
        availableReplicas: 4,
        conditions: [
          {
            type: 'Available',
            status: 'True',
            reason: 'x',
            message: '',
            lastUpdateTime: null,
            lastTransitionTime: null,
          },
        ],
      },
    };
    const waiting = kubectl.ok('wait --for=condition=Available deployment/web --timeout=20s');
    await kubectl.ok([
      'patch',
      'deployment',
      'web',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify(status),
    ]);
    expect(await waiting).toBe('deployment.apps/web condition met\n');
    expect(await kubectl.ok('rollout status deployment/web --timeout=20s')).toContain(
      'successfully rolled out',
    );
    expect(
      await kubectl.ok([
        'wait',
        '--for=jsonpath={.status.readyReplicas}=4',
        'deployment/web',
        '--timeout=20s',
      ]),
    ).toContain('condition met');
    // The finalizer keeps the object until kubectl waits for it: one that is gone already is not reported.
    await kubectl.ok(
      'create -f -',
      JSON.stringify(configMap('doomed', { finalizers: ['example.com/hold'] })),
    );
    await kubectl.ok('delete configmap doomed --wait=false');
    await expect.poll(openWatches, PATIENCE).toBe(0);
    const gone = kubectl.ok('wait --for=delete configmap/doomed --timeout=20s');
    await expect.poll(openWatches, PATIENCE).toBe(1);
    await kubectl.ok(['patch', 'cm', 'doomed', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    expect(await gone).toBe('configmap/doomed condition met\n');
  });

  it('deletes in each cascade', async () => {
    for (const cascade of ['background', 'foreground', 'orphan']) {
      const name = `owner-${cascade}`;
      await kubectl.ok('create -f -', JSON.stringify(configMap(name)));
      const uid = await kubectl.ok(['get', 'cm', name, '-o', 'jsonpath={.metadata.uid}']);
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion: true };
      await kubectl.ok(
        'create -f -',
        JSON.stringify(configMap(`owned-${cascade}`, { ownerReferences: [owner] })),
      );
      expect(await kubectl.ok(`delete cm ${name} --cascade=${cascade}`)).toBe(
        `configmap "${name}" deleted\n`,
      );
      if (cascade === 'orphan')
        expect(await kubectl.ok(`get cm owned-${cascade} -o name`)).toBe(`configmap/owned-${cascade}\n`);
      else await kubectl.ok(`wait --for=delete cm/owned-${cascade} --timeout=20s`);
    }
    await kubectl.ok('delete cm -l page=yes');
    expect(await kubectl.ok('get cm -l page=yes -o name')).toBe('');
  });

  it('reads logs, whole and followed', async () => {
    expect(await kubectl.ok('logs one')).toBe('one/main line 1\none/main line 2\none/main line 3\n');
    expect(await kubectl.ok('logs one -f --tail=1')).toBe('one/main line 3\nfollowed\n');
  });

  it('runs commands in pods, with input and exit codes', async () => {
    expect(await kubectl.ok('exec one -- echo hello world')).toBe('hello world\n');
    const piped = await kubectl.run('exec -i one -- cat', { input: 'to upper case' });
    expect([piped.code, piped.stdout]).toEqual([0, 'TO UPPER CASE']);
    const failed = await kubectl.run('exec one -- fail');
    expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining('no luck')]);
  });

  it('lists what the server serves, its version and address', async () => {
    const resources = await kubectl.ok('api-resources');
    expect(resources).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/);
    expect(resources).toMatch(/widgets +wg +example.com\/v1 +true +Widget/);
    expect(await kubectl.ok('api-resources --api-group=apps --verbs=watch -o name')).toContain(
      'deployments.apps\n',
    );
    expect(await kubectl.ok('api-versions')).toContain('rbac.authorization.k8s.io/v1\n');
    expect(await kubectl.ok('version')).toMatch(/Server Version: v1\.32\.\d+/);
    expect(await kubectl.ok('cluster-info')).toContain(
      `Kubernetes control plane is running at ${server.url}`.slice(0, 30),
    );
    expect(await kubectl.ok('get --raw /readyz')).toBe('ok');
  });

  it('deletes namespaces and waits until they are empty', async () => {
    expect(await kubectl.ok('delete namespace made --timeout=30s')).toBe('namespace "made" deleted\n');
    expect((await kubectl.run('get namespace made')).code).toBe(1);
  });
});

const WIDGETS = definition(
  'widgets',
  'Widget',
  {
    type: 'object',
    description: 'A thing.',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', maximum: 10, description: 'How big it is.' },
          color: { type: 'string' },
        },
      },
    },
  },
  { additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }] },
);
WIDGETS.spec.names.shortNames = ['wg'];
