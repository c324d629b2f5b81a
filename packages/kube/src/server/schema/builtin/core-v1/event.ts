import type { JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { column, nameColumn, numberAt, since, textAt } from '../printer-column.ts';
import { always, int32, microTime, object, text, time } from '../shape.ts';
import { objectReference } from './object-reference.ts';

const component = 'io.k8s.api.core.v1.Event';

export const event: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  schema: kindObject(
    component,
    'Something that happened to an object.',
    {
      involvedObject: always(objectReference, 'The object that it is about.'),
      reason: text('Word that tells why, for programs.'),
      message: text('Sentence that tells what happened, for people.'),
      source: always(
        object(
          'Who told it.',
          { component: text('Name of the component.'), host: text('Node that it runs on.') },
          {
            component: 'io.k8s.api.core.v1.EventSource',
          },
        ),
      ),
      firstTimestamp: time('When it happened first.'),
      lastTimestamp: time('When it happened last.'),
      count: int32('How often it happened.'),
      type: text('Normal or Warning.'),
      eventTime: microTime('When it was first seen.'),
      series: object(
        'How it went on.',
        { count: int32('How often it happened.'), lastObservedTime: microTime('When it happened last.') },
        { component: 'io.k8s.api.core.v1.EventSeries' },
      ),
      action: text('What was done, or failed.'),
      related: objectReference,
      reportingComponent: text('Controller that told it.', { default: '' }),
      reportingInstance: text('Instance of the controller.', { default: '' }),
    },
    { required: ['metadata', 'involvedObject'] },
  ),
  columns: [
    column('Last Seen', lastSeenOf),
    column('Type', (object) => textAt(object, 'type')),
    column('Reason', (object) => textAt(object, 'reason')),
    column('Object', subjectOf),
    column('Subobject', (object) => textAt(object, 'involvedObject', 'fieldPath'), { wide: true }),
    column('Source', (object) => textAt(object, 'source', 'component'), { wide: true }),
    column('Message', (object) => textAt(object, 'message').trim()),
    column(
      'First Seen',
      (object, nowMs) => since(textAt(object, 'firstTimestamp') || textAt(object, 'eventTime'), nowMs),
      {
        wide: true,
      },
    ),
    column('Count', (object) => numberAt(object, 'count') || 1, { wide: true }),
    { ...nameColumn, priority: 1 },
  ],
});

function lastSeenOf(object: JsonObject, nowMs: number): string {
  const series = textAt(object, 'series', 'lastObservedTime');
  return since(series || textAt(object, 'lastTimestamp') || textAt(object, 'eventTime'), nowMs);
}

function subjectOf(object: JsonObject): string {
  const kind = textAt(object, 'involvedObject', 'kind').toLowerCase();
  const name = textAt(object, 'involvedObject', 'name');
  return name === '' ? kind : `${kind}/${name}`;
}
