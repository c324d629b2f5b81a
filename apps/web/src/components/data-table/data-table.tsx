'use client';
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

const ROW_PX = 40;
const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});

/** A column: what it sorts by, and how it looks. */
export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  /** A track of CSS grid. */
  readonly width: string;
  readonly value: (row: Row) => string | number;
  readonly cell?: (row: Row) => ReactNode;
  readonly align?: 'right';
}

export interface DataTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowId: (row: Row) => string;
  readonly selected?: string | null | undefined;
  readonly onSelect?: (id: string) => void;
  readonly empty?: ReactNode;
  readonly testId: string;
  readonly rowHeight?: number;
}

/** A sorted, virtual table whose rows are chosen by mouse or arrow keys. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, columns, rowId, selected, onSelect, empty, testId, rowHeight = ROW_PX } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const defs = useMemo(() => {
    const helper = createColumnHelper<typeof features, Box<Row>>();
    return helper.columns(
      columns.map((column) =>
        helper.accessor((box) => column.value(box.row), {
          id: column.id,
          header: column.header,
          sortFn: 'alphanumeric',
        }),
      ),
    );
  }, [columns]);
  const data = useMemo(() => rows.map((row) => ({ row })), [rows]);
  const table = useTable({ features, columns: defs, data, getRowId: (box) => rowId(box.row) });
  const sorted = table.getRowModel().rows;
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => sorted[index]?.id ?? index,
    overscan: 12,
  });
  const template = columns.map((column) => column.width).join(' ');
  const chosen = sorted.findIndex((row) => row.id === selected);
  useEffect(() => {
    if (chosen >= 0) virtual.scrollToIndex(chosen, { align: 'auto' });
  }, [chosen, virtual]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    const to =
      step !== undefined
        ? Math.max(0, Math.min(sorted.length - 1, chosen + step))
        : event.key === 'Home'
          ? 0
          : event.key === 'End'
            ? sorted.length - 1
            : undefined;
    const row = to === undefined ? undefined : sorted[to];
    if (row === undefined || onSelect === undefined) return;
    event.preventDefault();
    onSelect(row.id);
  };
  return (
    <div
      role="grid"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      data-testid={testId}
      className="flex min-h-0 flex-1 flex-col"
    >
      <div role="rowgroup" className="shrink-0 border-b border-line bg-panel">
        {table.getHeaderGroups().map((group) => (
          <div
            role="row"
            aria-rowindex={1}
            key={group.id}
            className="grid h-8 items-center px-4"
            style={{ gridTemplateColumns: template }}
          >
            {group.headers.map((header, index) => {
              const order = header.column.getIsSorted();
              return (
                <div
                  key={header.id}
                  role="columnheader"
                  aria-sort={order === 'asc' ? 'ascending' : order === 'desc' ? 'descending' : 'none'}
                  className={cn('min-w-0 pr-3', columns[index]?.align === 'right' && 'pr-8 text-right')}
                >
                  <button
                    type="button"
                    onClick={header.column.getToggleSortingHandler()}
                    className="inline-flex max-w-full items-center gap-1 text-2xs font-medium text-ink-3 hover:text-ink"
                  >
                    <span className="truncate">{columns[index]?.header}</span>
                    {order === 'asc' && <ArrowUp className="size-3" aria-hidden />}
                    {order === 'desc' && <ArrowDown className="size-3" aria-hidden />}
                  </button>
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {sorted.length === 0 && empty !== undefined && (
        <div role="rowgroup">
          <div role="row" aria-rowindex={2}>
            <div role="gridcell" aria-colspan={columns.length}>
              {empty}
            </div>
          </div>
        </div>
      )}
      <div
        ref={scroller}
        role="rowgroup"
        tabIndex={0}
        aria-label={`${label}: rows`}
        onKeyDown={onKeyDown}
        className="min-h-0 flex-1 overflow-auto outline-offset-[-3px]"
      >
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = sorted[item.index]!;
            const isChosen = row.id === selected;
            return (
              <div
                key={row.id}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={onSelect ? isChosen : undefined}
                data-testid={`${testId}-row`}
                data-id={row.id}
                onClick={() => onSelect?.(row.id)}
                className={cn(
                  'absolute inset-x-0 top-0 grid items-center border-b border-line/70 px-4 text-sm',
                  onSelect && 'hover:bg-hover',
                  isChosen && 'bg-active shadow-[inset_2px_0_0_var(--ink)]',
                )}
                style={{
                  height: item.size,
                  transform: `translateY(${item.start}px)`,
                  gridTemplateColumns: template,
                }}
              >
                {columns.map((column) => (
                  <div
                    key={column.id}
                    role="gridcell"
                    className={cn(
                      'min-w-0 truncate pr-3',
                      column.align === 'right' && 'tabular pr-8 text-right',
                    )}
                  >
                    {column.cell ? column.cell(row.original.row) : column.value(row.original.row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface Box<Row> {
  readonly row: Row;
}
