'use client';
import type { FieldChoice, ObjectConflict } from '@flatland/bff/api/change-set';
import type { ReactNode } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { FieldValue, LongText } from '../../components/ui/long-text.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { cutText } from '../../lib/cut-text.ts';
import { plural } from '../../lib/format.ts';
import { choiceKey, openFields, type Choices } from './field-choices.ts';
import { ReviewSection } from './section.tsx';

interface Props {
  readonly conflicts: readonly ObjectConflict[];
  readonly choices: Choices;
  readonly onChoose: (keys: readonly string[], choice: FieldChoice['choice']) => void;
  /** What goes on with the choices, where the change set was applied already. */
  readonly action?: ReactNode;
}

/** Of a path, in names of controls. */
const MOST_OF_A_PATH = 120;

const CHOICES = [
  { value: 'leave', label: 'Leave theirs', all: 'Leave all' },
  { value: 'take-over', label: 'Take over', all: 'Take over all' },
] as const;

/** Objects that somebody else changed, field by field: as reviewed, as it is now and whose it is, as this change wants it. */
export function Conflicts({ conflicts, choices, onChoose, action }: Props) {
  if (conflicts.length === 0) return null;
  return (
    <ReviewSection
      testId="conflicts"
      title={`${plural(conflicts.length, 'object')} that others changed`}
      aside={
        <span className="flex items-center gap-1.5">
          <ForAll conflicts={conflicts} onChoose={onChoose} />
          {action}
        </span>
      }
    >
      {conflicts.map((conflict) => (
        <Conflict key={conflict.stepId} conflict={conflict} choices={choices} onChoose={onChoose} />
      ))}
    </ReviewSection>
  );
}

/** The same choice for all fields, where there are several. */
function ForAll({ conflicts, onChoose }: Pick<Props, 'conflicts' | 'onChoose'>) {
  const keys = conflicts
    .filter(({ choosable }) => choosable)
    .flatMap((conflict) => openFields(conflict, new Map()).map((field) => choiceKey(conflict, field)));
  if (keys.length < 2) return null;
  return CHOICES.map(({ value, all }) => (
    <Button key={value} size="sm" data-testid={`${value}-all`} onClick={() => onChoose(keys, value)}>
      {all}
    </Button>
  ));
}

function Conflict({
  conflict,
  choices,
  onChoose,
}: {
  conflict: ObjectConflict;
  choices: Choices;
  onChoose: Props['onChoose'];
}) {
  const { object, fields, choosable, seen } = conflict;
  const name = `${object.kind} ${object.name} in ${object.cluster}`;
  return (
    <div
      data-testid="conflict"
      data-step={conflict.stepId}
      className="overflow-x-auto rounded-lg border border-line"
      role="group"
      aria-label={name}
    >
      <p className="border-b border-line px-3 py-2 text-sm font-medium">{name}</p>
      {!choosable && (
        <Notice tone="warn" title={seen === '' ? 'It is gone' : 'Only planning again helps'} className="m-2">
          {seen === ''
            ? 'Somebody deleted it after this was reviewed. Plan again to see what the change means now.'
            : 'It is not the object that was reviewed. Plan again, and review what it is now.'}
        </Notice>
      )}
      {fields.length > 0 && (
        <table className="w-full text-left text-xs">
          <thead className="text-ink-3">
            <tr className="border-b border-line">
              {['Field', 'Reviewed', 'Now', 'This change', ...(choosable ? ['Your choice'] : [])].map(
                (head) => (
                  <th key={head} scope="col" className="px-3 py-1.5 font-medium">
                    {head}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => {
              const key = choiceKey(conflict, field.field);
              const path = cutText(field.path, MOST_OF_A_PATH);
              return (
                <tr
                  key={field.path}
                  data-testid="conflict-field"
                  data-field={field.path}
                  className="border-b border-line align-top last:border-b-0"
                >
                  <th scope="row" className="px-3 py-2 font-normal">
                    <LongText text={field.path} label="the field’s path" />
                  </th>
                  <td className="px-3 py-2">
                    <FieldValue value={field.base} label={`${path} as reviewed`} />
                  </td>
                  <td className="px-3 py-2">
                    <FieldValue value={field.theirs} label={`${path} as it is`} />
                    {field.managers.map((manager) => (
                      <Badge key={manager} className="mt-1 ml-2">
                        {manager}
                      </Badge>
                    ))}
                  </td>
                  <td className="px-3 py-2">
                    <FieldValue value={field.ours} label={`${path} as this change wants it`} />
                  </td>
                  {choosable && (
                    <td className="px-3 py-1.5">
                      {field.contested ? (
                        <Choice
                          name={key}
                          path={path}
                          chosen={choices.get(key)}
                          onChoose={(choice) => onChoose([key], choice)}
                        />
                      ) : (
                        <span className="text-ink-3">stays as it is now</span>
                      )}
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Choice({
  name,
  path,
  chosen,
  onChoose,
}: {
  name: string;
  path: string;
  chosen: FieldChoice['choice'] | undefined;
  onChoose: (choice: FieldChoice['choice']) => void;
}) {
  return (
    <div role="radiogroup" aria-label={`What to do with ${path}`} className="flex flex-col gap-1">
      {CHOICES.map(({ value, label }) => (
        <label key={value} className="flex min-h-6 items-center gap-1.5 whitespace-nowrap">
          <input
            type="radio"
            name={name}
            data-testid={`choose-${value}`}
            checked={chosen === value}
            onChange={() => onChoose(value)}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
