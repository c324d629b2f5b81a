import { describe, expect, it } from 'vitest';
import { SAMPLE_WORLD } from '../testing/sample-world.ts';
import { snapshotOf } from '../testing/world.ts';
import { buildTopology } from '../topology/build-topology.ts';
import type { ElementRef } from '../topology/topology.ts';
import { connect, connectRefusal } from './connect.ts';

const topology = buildTopology(snapshotOf(SAMPLE_WORLD));
const workload = (id: string): ElementRef => ({ type: 'workload', id });
const domain = (id: string): ElementRef => ({ type: 'domain', id });
const REPORTING = workload('onprem-fra/analytics/Deployment/reporting');
const FRONTEND = workload('aws-east/shop/Deployment/frontend');
const LEDGER = workload('aws-east/ledger/StatefulSet/ledger-db');
const PRINT = workload('onprem-fra/legacy/Deployment/print-server');
const CANVAS: ElementRef = { type: 'canvas', id: '' };

describe('the grammar of gestures', () => {
  it.each([
    [
      'a workload onto a domain joins it',
      REPORTING,
      domain('green'),
      [{ kind: 'join', workload: REPORTING.id, domain: 'green' }],
    ],
    [
      'a domain onto a workload is the same',
      domain('green'),
      REPORTING,
      [{ kind: 'join', workload: REPORTING.id, domain: 'green' }],
    ],
    [
      'a workload onto a domain that does not span its cluster spans it too',
      LEDGER,
      domain('sandbox'),
      [
        { kind: 'span', cluster: 'aws-east', domain: 'sandbox' },
        { kind: 'join', workload: LEDGER.id, domain: 'sandbox' },
      ],
    ],
    [
      'a namespace onto a domain joins the namespace',
      { type: 'namespace', id: 'onprem-fra/legacy' } as ElementRef,
      domain('red'),
      [{ kind: 'join-namespace', cluster: 'onprem-fra', namespace: 'legacy', domain: 'red' }],
    ],
    [
      'a cluster onto a domain is spanned',
      { type: 'cluster', id: 'aws-east' } as ElementRef,
      domain('sandbox'),
      [{ kind: 'span', cluster: 'aws-east', domain: 'sandbox' }],
    ],
    [
      'a membership onto the empty canvas leaves',
      { type: 'membership', id: `${REPORTING.id}|red` } as ElementRef,
      CANVAS,
      [{ kind: 'leave', workload: REPORTING.id, domain: 'red' }],
    ],
  ])('%s', (_name, source, target, intents) => {
    expect(connect(source, target, topology)).toEqual({ kind: 'intents', intents });
  });

  it.each([
    ['a member onto its own domain', FRONTEND, domain('red'), 'already-member', 'frontend is in red'],
    [
      'a workload onto a domain with a clashing prefix',
      REPORTING,
      domain('sandbox'),
      'prefix-clash',
      'sandbox and red both use 10.81.0.0/16',
    ],
    [
      'a cluster onto a domain that spans it',
      { type: 'cluster', id: 'aws-east' } as ElementRef,
      domain('red'),
      'already-spanned',
      'red spans aws-east',
    ],
    ['an element onto itself', FRONTEND, FRONTEND, 'same-element', ''],
    [
      'a cluster onto a workload',
      { type: 'cluster', id: 'aws-east' } as ElementRef,
      FRONTEND,
      'no-gesture',
      'a cluster cannot be connected to a workload',
    ],
    [
      'two workloads that share a domain',
      FRONTEND,
      REPORTING,
      'already-member',
      'frontend and reporting are both in red',
    ],
    [
      'a workload that is gone',
      workload('aws-east/shop/Deployment/gone'),
      domain('red'),
      'workload-not-found',
      'there is no workload aws-east/shop/Deployment/gone',
    ],
  ])('refuses %s', (_name, source, target, code, detail) => {
    expect(connect(source, target, topology)).toEqual({ kind: 'refused', refusal: { code, detail } });
  });

  it('asks which domain two workloads shall share, and lists everyone else that they would reach', () => {
    const gesture = connect(REPORTING, LEDGER, topology);
    if (gesture.kind !== 'choose-domain') throw new Error(gesture.kind);
    expect(
      gesture.options.map((option) => [
        option.domain,
        option.intents.map((intent) => intent.kind),
        option.alsoReaches.length,
      ]),
    ).toEqual([
      ['green', ['join'], 3],
      ['red', ['join'], 6],
      ['new', ['create-domain'], 0],
    ]);
  });

  it('offers a new domain for a workload on the empty canvas, with prefixes that overlap nothing', () => {
    const gesture = connect(PRINT, CANVAS, topology);
    expect(gesture).toMatchObject({
      kind: 'name-domain',
      members: [PRINT.id],
      suggestion: { name: 'domain-1', prefixes: ['10.83.0.0/16', 'fd00:83::/48'], home: 'onprem-fra' },
    });
  });

  it('says the same in short for every pair of elements', () => {
    const refs = [
      ...Object.keys(topology.workloads).map(workload),
      ...Object.keys(topology.domains).map(domain),
      CANVAS,
    ];
    for (const source of refs)
      for (const target of refs) {
        const gesture = connect(source, target, topology);
        expect(connectRefusal(source, target, topology)).toEqual(
          gesture.kind === 'refused' ? gesture.refusal : undefined,
        );
      }
  });
});
