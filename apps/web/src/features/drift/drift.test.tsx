// @vitest-environment jsdom
import type { DriftDetail as Detail } from '@flatland/bff/api/drift';
import type { ClusterName } from '@flatland/shared/model/names';
import type { DriftedField, DriftedObject } from '@flatland/shared/plan/drift';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NOTHING_KNOWN } from '../../live/live-state.ts';
import { useLive } from '../../live/live-store.ts';
import { FakeConsole, type Answers } from '../../testing/fake-console.tsx';
import { sampleTopology } from '../../testing/sample.ts';
import { AdoptDialog } from './adopt-dialog.tsx';
import { DriftDetail } from './drift-detail.tsx';
import { DriftFields } from './drift-fields.tsx';
import { DriftList } from './drift-list.tsx';

// CodeMirror measures text, which needs a browser; the workflows look at it there.
vi.mock('../review/object-diff.tsx', () => ({ ObjectDiff: () => null }));

const SEEN = 'a'.repeat(64);
const field: DriftedField = {
  path: 'spec.mtuBytes',
  applied: 1350,
  live: 1400,
  by: [{ manager: 'kubectl-edit', time: '2026-11-26T20:00:00Z' }],
  drifted: true,
};

function drifted(name: string, cluster = 'aws-east'): DriftedObject {
  const object = { cluster: cluster as ClusterName, apiVersion: 'v1', kind: 'Domain', name };
  const about = { how: 'edited', paths: ['spec.mtuBytes'], changeSet: 'c1', appliedAtMs: 1 } as const;
  return { id: `${cluster} Domain  ${name}`, object, domain: name, ...about };
}

function detailOf(object: DriftedObject, more: Partial<Detail> = {}): Detail {
  const texts = { applied: 'applied', live: 'live', seen: SEEN, current: true };
  return {
    ...object,
    fields: [field],
    ...texts,
    appliedBy: { title: 'Larger packets', person: 'ada' },
    ...more,
  };
}

beforeEach(() => {
  useLive.setState({
    ...NOTHING_KNOWN,
    topology: sampleTopology(),
    known: true,
    connection: { kind: 'live' },
  });
});
afterEach(cleanup);

describe('fields that drifted', () => {
  const cells = (path: string) =>
    within(screen.getByRole('rowheader', { name: path }).closest('tr')!)
      .getAllByRole('cell')
      .map((cell) => cell.textContent);

  it('show what was applied, what is there now, and who made it so and when', () => {
    const gone: DriftedField = { path: 'spec.home', applied: 'aws-east', by: [], drifted: true };
    render(<DriftFields label="Drift" fields={[field, gone]} nowMs={Date.parse('2026-11-26T21:00:00Z')} />);
    expect(cells('spec.mtuBytes').slice(0, 2)).toEqual(['1350', '1400']);
    expect(cells('spec.mtuBytes')[2]).toMatch(/^kubectl-edit\d\d:00$/);
    expect(cells('spec.home')).toEqual(['aws-east', 'not set', 'not recorded']);
  });

  it('are markup of nobody’s, and hide nothing that turns text around', () => {
    const live = '<img src=x onerror=alert(1)>\u202Eevil';
    render(<DriftFields label="Drift" fields={[{ ...field, live }]} nowMs={0} />);
    expect(document.querySelector('img')).toBeNull();
    expect(cells('spec.mtuBytes')[1]).toBe('<img src=x onerror=alert(1)>\\u{202e}evil');
  });

  it('are cut where they are many or long, with the way to see more', () => {
    const fields = Array.from({ length: 120 }, (_, index) => ({
      ...field,
      path: `spec.f${index}`,
      live: 'x'.repeat(50_000),
    }));
    render(<DriftFields label="Drift" fields={fields} nowMs={0} />);
    expect(screen.getAllByTestId('drift-field')).toHaveLength(50);
    expect(document.body.textContent.length).toBeLessThan(20_000);
    fireEvent.click(
      screen.getAllByRole('button', {
        name: 'Show the first 20000 of 50000 characters: spec.f0 as it is now',
      })[0]!,
    );
    const whole = screen.getByRole('region', { name: /spec.f0 as it is now/ });
    expect(whole.textContent).toHaveLength(20_001);
    fireEvent.click(screen.getByTestId('more-fields'));
    fireEvent.click(screen.getByTestId('more-fields'));
    expect(screen.getAllByTestId('drift-field')).toHaveLength(120);
    expect(screen.queryByTestId('more-fields')).toBeNull();
  });
});

describe('a drifted object', () => {
  const red = drifted('red');

  function show(answers: Answers) {
    const onOpen = vi.fn();
    const onClose = vi.fn();
    render(
      <FakeConsole answers={answers}>
        <DriftDetail id={red.id} onClose={onClose} onOpen={onOpen} closeButton={null} />
      </FakeConsole>,
    );
    return { onOpen, onClose };
  }

  it('is adopted as exactly what was seen, and the change set is opened', async () => {
    const adopt = vi.fn(() => ({ summary: { id: 'adopted' } }));
    const { onOpen } = show({ 'drift.get': () => detailOf(red), 'drift.adopt': adopt });
    expect(screen.queryByTestId('drift-adopt')).toBeNull();
    fireEvent.click(await screen.findByTestId('drift-adopt'));
    await waitFor(() => expect(onOpen.mock.calls).toEqual([['adopted']]));
    expect(adopt.mock.calls).toEqual([[{ objects: [{ id: red.id, seen: SEEN }] }]]);
  });

  it('is restored by a change set that is opened for review', async () => {
    const restore = vi.fn(() => ({ summary: { id: 'draft' } }));
    const { onOpen } = show({ 'drift.get': () => detailOf(red), 'drift.restore': restore });
    fireEvent.click(await screen.findByTestId('drift-restore'));
    await waitFor(() => expect(onOpen.mock.calls).toEqual([['draft']]));
    expect(restore.mock.calls).toEqual([[{ ids: [red.id] }]]);
  });

  it('leads to the change set that applied it', async () => {
    const { onOpen } = show({ 'drift.get': () => detailOf(red) });
    fireEvent.click(await screen.findByRole('button', { name: 'Larger packets' }));
    expect(onOpen.mock.calls).toEqual([['c1']]);
  });

  it('can be neither adopted nor restored where its cluster does not answer, or the stream is lost', async () => {
    const adopt = vi.fn();
    show({ 'drift.get': () => detailOf(red, { current: false }), 'drift.adopt': adopt });
    const button = await screen.findByTestId('drift-adopt');
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(screen.getByTestId('drift-not-current').textContent).toContain('aws-east does not answer');
    fireEvent.click(button);
    expect(adopt).not.toHaveBeenCalled();
    cleanup();
    useLive.setState({ connection: { kind: 'lost', sinceMs: 0, message: '' } });
    show({ 'drift.get': () => detailOf(red) });
    expect((await screen.findByTestId('drift-restore')).getAttribute('aria-disabled')).toBe('true');
  });

  it('says that it is as applied again, that it was deleted, and that it cannot be had', async () => {
    const { onClose } = show({
      'drift.get': () => detailOf(red, { fields: [{ ...field, drifted: false }] }),
    });
    expect((await screen.findByTestId('no-longer-drifted')).textContent).toContain('It is as it was applied');
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(onClose).toHaveBeenCalledOnce();
    cleanup();
    show({ 'drift.get': () => detailOf(red, { how: 'deleted', paths: [], fields: [], live: '', seen: '' }) });
    expect((await screen.findByTestId('drift-sentence')).textContent).toContain('Somebody deleted it');
    cleanup();
    show({
      'drift.get': () => {
        throw new Error('no disk');
      },
    });
    expect(await screen.findByText('The console’s backend does not answer')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  });
});

describe('everything that drifted', () => {
  function show(answers: Answers = {}) {
    const onOpen = vi.fn();
    render(
      <FakeConsole answers={answers}>
        <DriftList selected={null} narrow={false} onSelect={vi.fn()} onOpen={onOpen} />
      </FakeConsole>,
    );
    return onOpen;
  }

  it('says so where nothing did, and waits where nothing is known yet', () => {
    show();
    expect(screen.getByTestId('no-drift').textContent).toContain('Everything is as it was applied');
    cleanup();
    useLive.setState({ known: false });
    show();
    expect(screen.queryByTestId('no-drift')).toBeNull();
    expect(screen.getByTestId('drift-loading').getAttribute('aria-busy')).toBe('true');
  });

  it('is restored as one change set, without what lies in clusters that do not answer', async () => {
    const topology = sampleTopology();
    const silent = { ...topology.clusters['gke-west']!, reachable: false };
    const all = [drifted('green'), drifted('red'), drifted('red', 'gke-west')];
    useLive.setState({
      drifted: all,
      topology: { ...topology, clusters: { ...topology.clusters, 'gke-west': silent } },
    });
    const restore = vi.fn(() => ({ summary: { id: 'draft' } }));
    const onOpen = show({ 'drift.restore': restore });
    expect(screen.getByTestId('drift-count').textContent).toBe(
      '3 objects are not as applied1 object in clusters that do not answer',
    );
    fireEvent.click(screen.getByTestId('restore-all'));
    await waitFor(() => expect(onOpen.mock.calls).toEqual([['draft']]));
    expect(restore.mock.calls).toEqual([[{ ids: all.slice(0, 2).map(({ id }) => id) }]]);
  });

  it('is not adopted at once where there is one alone', () => {
    useLive.setState({ drifted: [drifted('red')] });
    show();
    expect(screen.queryByTestId('adopt-all')).toBeNull();
  });
});

describe('adopting several', () => {
  it('shows each before it is taken, and takes what was shown of those that can be adopted', async () => {
    const [red, green, away] = [drifted('red'), drifted('green'), drifted('blue')];
    const adopt = vi.fn(() => ({ summary: { id: 'adopted' } }));
    const onOpen = vi.fn();
    const seenOf = (id: string) => (id === red.id ? SEEN : 'b'.repeat(64));
    render(
      <FakeConsole
        answers={{
          'drift.get': ({ id }: { id: string }) => {
            const object = [red, green, away].find((candidate) => candidate.id === id)!;
            return detailOf(object, { seen: seenOf(id), current: object !== away });
          },
          'drift.adopt': adopt,
        }}
      >
        <AdoptDialog objects={[red, green, away]} onClose={vi.fn()} onOpen={onOpen} />
      </FakeConsole>,
    );
    expect(screen.getByTestId('adopt-confirm').getAttribute('aria-disabled')).toBe('true');
    expect(await screen.findAllByTestId('adopt-object')).toHaveLength(2);
    expect(screen.getAllByText('spec.mtuBytes: 1350 → 1400')).toHaveLength(2);
    expect(screen.getByTestId('adopt-left-out').textContent).toContain('1 object left out');
    fireEvent.click(screen.getByRole('button', { name: 'Adopt 2 objects' }));
    await waitFor(() => expect(onOpen.mock.calls).toEqual([['adopted']]));
    expect(adopt.mock.calls).toEqual([
      [{ objects: [red, green].map(({ id }) => ({ id, seen: seenOf(id) })) }],
    ]);
  });
});
