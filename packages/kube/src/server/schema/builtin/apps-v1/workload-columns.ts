import { isJsonObject, type JsonObject } from '../../json.ts';
import { column, objectsAt, textAt, valueAt, type PrinterColumn } from '../printer-column.ts';

/** The wide columns that all kinds with a pod template have. */
export const containersColumns: readonly PrinterColumn[] = [
  column('Containers', (object) => containersOf(object, 'name'), { wide: true }),
  column('Images', (object) => containersOf(object, 'image'), { wide: true }),
  column('Selector', (object) => formatSelector(valueAt(object, 'spec', 'selector')), { wide: true }),
];

/** Prints a label selector as kubectl does: `a=b,c in (d,e),!f`; `<none>` when it is empty. */
export function formatSelector(selector: unknown): string {
  if (!isJsonObject(selector)) return '<none>';
  const requirements: string[] = [];
  const labels = valueAt(selector, 'matchLabels');
  if (isJsonObject(labels)) {
    for (const key of Object.keys(labels)) requirements.push(`${key}=${textAt(labels, key)}`);
  }
  for (const expression of objectsAt(selector, 'matchExpressions'))
    requirements.push(formatExpression(expression));
  return requirements.length === 0 ? '<none>' : requirements.toSorted().join(',');
}

function formatExpression(expression: JsonObject): string {
  const key = textAt(expression, 'key');
  const values = expression['values'];
  const listed = Array.isArray(values) ? values.map(String).toSorted().join(',') : '';
  switch (textAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${listed})`;
    case 'NotIn':
      return `${key} notin (${listed})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

function containersOf(object: JsonObject, field: string): string {
  return objectsAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => textAt(container, field))
    .join(',');
}
