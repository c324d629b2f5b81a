// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DataTable, type Column } from './data-table.tsx';

interface Row {
  readonly id: string;
  readonly size: number;
}

const rows: readonly Row[] = [
  { id: 'b', size: 10 },
  { id: 'a', size: 9 },
  { id: 'c', size: 100 },
];
const columns: readonly Column<Row>[] = [
  { id: 'id', header: 'Name', width: '1fr', value: (row) => row.id },
  { id: 'size', header: 'Size', width: '1fr', value: (row) => row.size },
];

beforeAll(() => {
  // jsdom has no layout: rows are drawn only where the viewport has a height.
  Object.defineProperty(Element.prototype, 'clientHeight', { value: 400 });
  Object.defineProperty(Element.prototype, 'clientWidth', { value: 400 });
  Element.prototype.scrollTo = () => undefined;
});

afterEach(cleanup);

describe('a table', () => {
  it('shows rows in order, and sorts by number or text', () => {
    table();
    expect(shown()).toEqual(['b', 'a', 'c']);
    fireEvent.click(screen.getByRole('button', { name: 'Name' }));
    expect(shown()).toEqual(['a', 'b', 'c']);
    fireEvent.click(screen.getByRole('button', { name: 'Size' }));
    expect(shown()).toEqual(['c', 'b', 'a']);
    expect(screen.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort')).toBe('descending');
  });

  it('selects by click and by arrow keys', () => {
    const onSelect = vi.fn();
    table({ selected: 'a', onSelect });
    fireEvent.click(screen.getAllByRole('row')[3]!);
    expect(onSelect).toHaveBeenLastCalledWith('c');
    fireEvent.keyDown(screen.getByLabelText('Things: rows'), { key: 'ArrowUp' });
    expect(onSelect).toHaveBeenLastCalledWith('b');
    fireEvent.keyDown(screen.getByLabelText('Things: rows'), { key: 'End' });
    expect(onSelect).toHaveBeenLastCalledWith('c');
  });

  it('can be scrolled by keyboard, also where nothing is to be selected', () => {
    table();
    expect(screen.getByLabelText('Things: rows').tabIndex).toBe(0);
  });

  it('tells which row is selected', () => {
    table({ selected: 'a', onSelect: () => undefined });
    const chosen = screen.getAllByRole('row').filter((row) => row.getAttribute('aria-selected') === 'true');
    expect(chosen.map((row) => row.dataset['id'])).toEqual(['a']);
  });

  it('says what is the case where there is nothing', () => {
    render(
      <DataTable
        label="Things"
        testId="things"
        rows={[]}
        columns={columns}
        rowId={(row) => row.id}
        empty="None"
      />,
    );
    expect(screen.getByText('None')).toBeDefined();
  });
});

function table(more: { selected?: string; onSelect?: (id: string) => void } = {}) {
  render(
    <DataTable
      label="Things"
      testId="things"
      rows={rows}
      columns={columns}
      rowId={(row) => row.id}
      {...more}
    />,
  );
}

function shown(): (string | undefined)[] {
  return screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.dataset['id']);
}
