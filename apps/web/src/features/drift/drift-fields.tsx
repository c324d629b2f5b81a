'use client';
import type { DriftedField } from '@flatland/shared/plan/drift';
import { useState } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { FieldValue, LongText } from '../../components/ui/long-text.tsx';
import { cn } from '../../lib/cn.ts';
import { shortened, writtenText } from './drift-words.ts';

/** Fields, and managers of one field, that are shown before more are asked for. */
const PAGE = 50;
const MOST_WRITERS = 5;

const HEADS = [
  ['Field', 'w-[30%]'],
  ['Applied', 'w-[22%]'],
  ['Now', 'w-[22%]'],
  ['Changed by', 'w-[26%]'],
] as const;

interface Props {
  readonly label: string;
  readonly fields: readonly DriftedField[];
  readonly nowMs: number;
}

/** Field by field what was applied, what is there now, and who made it so as far as the API tells. */
export function DriftFields({ label, fields, nowMs }: Props) {
  const [most, setMost] = useState(PAGE);
  const shown = fields.slice(0, most);
  return (
    <div className="overflow-x-auto rounded-lg border border-line">
      <table aria-label={label} className="w-full table-fixed text-left text-xs">
        <thead className="text-ink-3">
          <tr className="border-b border-line">
            {HEADS.map(([head, width]) => (
              <th key={head} scope="col" className={cn('px-3 py-1.5 font-medium', width)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((field) => (
            <tr
              key={field.path}
              data-testid="drift-field"
              data-field={field.path}
              className="border-b border-line align-top last:border-b-0"
            >
              <th scope="row" className="px-3 py-2 font-normal">
                <LongText text={field.path} label="the field’s path" />
              </th>
              <td className="px-3 py-2">
                <FieldValue value={field.applied} label={`${shortened(field.path)} as applied`} />
              </td>
              <td className="px-3 py-2">
                <FieldValue value={field.live} label={`${shortened(field.path)} as it is now`} />
              </td>
              <td className="px-3 py-2">
                <Writers field={field} nowMs={nowMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {fields.length > most && (
        <div className="border-t border-line p-1.5 text-center">
          <Button size="sm" look="ghost" data-testid="more-fields" onClick={() => setMost(most + PAGE)}>
            Show {Math.min(PAGE, fields.length - most)} of {fields.length - most} more fields
          </Button>
        </div>
      )}
    </div>
  );
}

function Writers({ field: { by }, nowMs }: { field: DriftedField; nowMs: number }) {
  if (by.length === 0) return <span className="text-ink-3">not recorded</span>;
  return (
    <ul className="flex flex-col gap-1">
      {by.slice(0, MOST_WRITERS).map((writer) => (
        <li key={writer.manager} className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-0.5">
          <Badge className="max-w-full shrink">
            <span className="truncate">{shortened(writer.manager)}</span>
          </Badge>
          {writer.time !== undefined && (
            <time dateTime={writer.time} title={shortened(writer.time)} className="text-ink-3">
              {writtenText(writer, nowMs)}
            </time>
          )}
        </li>
      ))}
      {by.length > MOST_WRITERS && <li className="text-ink-3">and {by.length - MOST_WRITERS} more</li>}
    </ul>
  );
}
