import { describe, expect, it } from 'vitest';
import type { PodParts } from './pod-state.ts';
import { podState } from './pod-state.ts';

const NOW_MS = Date.parse('2024-05-01T12:00:00Z');
const running = (name: string, more: object = {}) => ({ name, ready: true, state: { running: {} }, ...more });

describe('podState', () => {
  it.each<[string, Partial<PodParts>, string, string, string]>([
    [
      'a pod that waits for a node',
      { spec: { containers: [1] }, status: { phase: 'Pending' } },
      '0/1',
      'Pending',
      '0',
    ],
    [
      'a running pod of two containers',
      {
        spec: { containers: [1, 2] },
        status: { phase: 'Running', containerStatuses: [running('a'), running('b')] },
      },
      '2/2',
      'Running',
      '0',
    ],
    [
      'a pod whose sidecar is up and counted',
      {
        spec: { containers: [1], initContainers: [{ name: 's', restartPolicy: 'Always' }] },
        status: {
          phase: 'Running',
          initContainerStatuses: [{ ...running('s'), started: true, restartCount: 2 }],
          containerStatuses: [running('a')],
        },
      },
      '2/2',
      'Running',
      '2',
    ],
    [
      'a pod whose init container fails',
      {
        spec: { containers: [1], initContainers: [{ name: 'i' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [{ name: 'i', restartCount: 4, state: { terminated: { exitCode: 2 } } }],
        },
      },
      '0/1',
      'Init:ExitCode:2',
      '4',
    ],
    [
      'a pod that restarted five minutes ago',
      {
        spec: { containers: [1] },
        status: {
          phase: 'Running',
          containerStatuses: [
            running('a', {
              restartCount: 3,
              lastState: { terminated: { finishedAt: '2024-05-01T11:55:00Z' } },
            }),
          ],
        },
      },
      '1/1',
      'Running',
      '3 (5m ago)',
    ],
    [
      'a pod of which one container is done and one runs',
      {
        spec: { containers: [1, 2] },
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False' }],
          containerStatuses: [
            { name: 'a', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
            running('b'),
          ],
        },
      },
      '1/2',
      'NotReady',
      '0',
    ],
    [
      'a pod that is being deleted',
      {
        metadata: { deletionTimestamp: '2024-05-01T12:00:00Z' },
        spec: { containers: [1] },
        status: { phase: 'Running', containerStatuses: [running('a')] },
      },
      '1/1',
      'Terminating',
      '0',
    ],
    [
      'a pod that is held back',
      {
        spec: { containers: [1] },
        status: {
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
        },
      },
      '0/1',
      'SchedulingGated',
      '0',
    ],
  ])('tells %s', (_what, pod, ready, status, restarts) => {
    expect(podState({ metadata: {}, ...pod }, NOW_MS)).toEqual({ ready, status, restarts });
  });
});
