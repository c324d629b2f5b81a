import type { FieldChoice, ObjectConflict } from '@flatland/bff/api/change-set';

/** What a person chose so far, by `choiceKey`. A choice is for one state of one object: another `seen` is another key. */
export type Choices = ReadonlyMap<string, FieldChoice['choice']>;

/** Names a field of an object as it was seen. */
export function choiceKey({ stepId, seen }: ObjectConflict, field: string): string {
  return [stepId, seen, field].join('\n');
}

/** Fields that wait for a choice. */
export function openFields(conflict: ObjectConflict, choices: Choices): readonly string[] {
  return conflict.fields
    .filter(({ contested, field }) => contested && !choices.has(choiceKey(conflict, field)))
    .map(({ field }) => field);
}

/** Steps whose every contested field was chosen for. */
export function settledSteps(conflicts: readonly ObjectConflict[], choices: Choices): ReadonlySet<string> {
  return new Set(
    conflicts
      .filter((conflict) => conflict.choosable && openFields(conflict, choices).length === 0)
      .map(({ stepId }) => stepId),
  );
}

/** What is sent: the choices that fit the objects as they are shown. */
export function chosenOf(conflicts: readonly ObjectConflict[], choices: Choices): FieldChoice[] {
  return conflicts.flatMap((conflict) =>
    conflict.fields.flatMap(({ field }) => {
      const choice = choices.get(choiceKey(conflict, field));
      return choice === undefined ? [] : [{ stepId: conflict.stepId, seen: conflict.seen, field, choice }];
    }),
  );
}
