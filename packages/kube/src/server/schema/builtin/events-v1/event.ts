import type { JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { objectReference } from '../core-v1/object-reference.ts';
import { kindObject } from '../kind-object.ts';
import { column, nameColumn, since, textAt } from '../printer-column.ts';
import { always, int32, microTime, object, text, time } from '../shape.ts';

export const event: BuiltinKind = builtinKind({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  schema: kindObject('io.k8s.api.events.v1.Event', 'Something that happened to an object.', {
    eventTime: microTime('When it was first seen.'),
    series: object(
      'How it went on.',
      { count: int32('How often it happened.'), lastObservedTime: microTime('When it happened last.') },
      { required: ['count', 'lastObservedTime'], component: 'io.k8s.api.events.v1.EventSeries' },
    ),
    reportingController: text('Controller that told it.'),
    reportingInstance: text('Instance of the controller.'),
    action: text('What was done, or failed.'),
    reason: text('Word that tells why, for programs.'),
    regarding: always(objectReference, 'The object that it is about.'),
    related: objectReference,
    note: text('Sentence that tells what happened, for people.'),
    type: text('Normal or Warning.'),
    deprecatedSource: always(
      object(
        'Deprecated.',
        { component: text('Name of the component.'), host: text('Node that it runs on.') },
        {
          component: 'io.k8s.api.core.v1.EventSource',
        },
      ),
    ),
    deprecatedFirstTimestamp: time('Deprecated.'),
    deprecatedLastTimestamp: time('Deprecated.'),
    deprecatedCount: int32('Deprecated.'),
  }),
  columns: [
    column('Last Seen', lastSeenOf),
    column('Type', (object) => textAt(object, 'type')),
    column('Reason', (object) => textAt(object, 'reason')),
    column('Object', subjectOf),
    column('Message', (object) => textAt(object, 'note').trim()),
    { ...nameColumn, priority: 1 },
  ],
});

function lastSeenOf(object: JsonObject, nowMs: number): string {
  const series = textAt(object, 'series', 'lastObservedTime');
  return since(series || textAt(object, 'deprecatedLastTimestamp') || textAt(object, 'eventTime'), nowMs);
}

function subjectOf(object: JsonObject): string {
  return `${textAt(object, 'regarding', 'kind').toLowerCase()}/${textAt(object, 'regarding', 'name')}`;
}
