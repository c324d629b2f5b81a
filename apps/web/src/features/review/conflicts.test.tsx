// @vitest-environment jsdom
import type { ObjectConflict } from '@flatland/bff/api/change-set';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Conflicts } from './conflicts.tsx';
import { choiceKey, chosenOf, openFields, settledSteps, type Choices } from './field-choices.ts';

const SEEN = 'a'.repeat(64);
const conflict = {
  stepId: 'aws-east Domain  red',
  object: { cluster: 'aws-east', apiVersion: 'flatland.dev/v1alpha1', kind: 'Domain', name: 'red' },
  seen: SEEN,
  choosable: true,
  fields: [
    {
      path: 'metadata.labels.team',
      field: '.metadata.labels.team',
      theirs: 'blue',
      ours: 'blue',
      managers: ['bob'],
      contested: false,
    },
    {
      path: 'spec.mtuBytes',
      field: '.spec.mtuBytes',
      base: 1500,
      theirs: 1400,
      ours: 1350,
      managers: ['argocd', 'bob'],
      contested: true,
    },
  ],
} as unknown as ObjectConflict;
const MTU = choiceKey(conflict, '.spec.mtuBytes');

afterEach(cleanup);

function show(conflicts: readonly ObjectConflict[], choices: Choices = new Map()) {
  const onChoose = vi.fn();
  render(<Conflicts conflicts={conflicts} choices={choices} onChoose={onChoose} />);
  return onChoose;
}

function cells(path: string): (string | null)[] {
  const row = screen.getByRole('rowheader', { name: path }).closest('tr')!;
  return within(row)
    .getAllByRole('cell')
    .map((cell) => cell.textContent);
}

describe('an object that others changed', () => {
  it('shows each field as reviewed, as it is and whose it is, and as this change wants it', () => {
    show([conflict]);
    expect(screen.getByRole('group', { name: 'Domain red in aws-east' })).toBeTruthy();
    expect(cells('spec.mtuBytes').slice(0, 3)).toEqual(['1500', '1400argocdbob', '1350']);
    expect(cells('metadata.labels.team')).toEqual(['not set', 'bluebob', 'blue', 'stays as it is now']);
  });

  it('asks for a choice where it is contested, with none made beforehand', () => {
    const onChoose = show([conflict]);
    const group = screen.getByRole('radiogroup', { name: 'What to do with spec.mtuBytes' });
    const [leave, take] = within(group).getAllByRole<HTMLInputElement>('radio');
    expect([leave, take].map((radio) => radio!.checked)).toEqual([false, false]);
    fireEvent.click(take!);
    expect(onChoose.mock.calls).toEqual([[[MTU], 'take-over']]);
    fireEvent.click(leave!);
    expect(onChoose.mock.calls[1]).toEqual([[MTU], 'leave']);
  });

  it('takes one choice for all contested fields of all objects, where there are several', () => {
    show([conflict]);
    expect(screen.queryByRole('button', { name: 'Take over all' })).toBeNull();
    cleanup();
    const other = { ...conflict, stepId: 'gke-west Domain  red' };
    const onChoose = show([conflict, other, { ...conflict, stepId: 'gone', choosable: false }]);
    fireEvent.click(screen.getByRole('button', { name: 'Take over all' }));
    expect(onChoose.mock.calls).toEqual([[[MTU, choiceKey(other, '.spec.mtuBytes')], 'take-over']]);
  });

  it('offers no choice where only planning again helps', () => {
    show([{ ...conflict, choosable: false }]);
    expect(screen.queryAllByRole('radio')).toEqual([]);
    expect(screen.getByText(/Plan again, and review/)).toBeTruthy();
  });

  it('says that an object is gone', () => {
    show([{ ...conflict, seen: '', fields: [], choosable: false }]);
    expect(screen.getByText(/Somebody deleted it/)).toBeTruthy();
  });
});

describe('choices', () => {
  const chosen: Choices = new Map([[MTU, 'take-over']]);

  it('are open until every contested field has one', () => {
    expect(openFields(conflict, new Map())).toEqual(['.spec.mtuBytes']);
    expect(openFields(conflict, chosen)).toEqual([]);
    expect([...settledSteps([conflict], chosen)]).toEqual([conflict.stepId]);
    expect([...settledSteps([{ ...conflict, choosable: false }], chosen)]).toEqual([]);
    expect(chosenOf([conflict], chosen)).toEqual([
      { stepId: conflict.stepId, seen: SEEN, field: '.spec.mtuBytes', choice: 'take-over' },
    ]);
  });

  it('are void once the object is another', () => {
    const changed = { ...conflict, seen: 'b'.repeat(64) };
    expect(openFields(changed, chosen)).toEqual(['.spec.mtuBytes']);
    expect(chosenOf([changed], chosen)).toEqual([]);
  });
});
