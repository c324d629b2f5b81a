import { REASONS } from '@flatland/shared/reason/reasons';
import type { GestureState } from '../gesture/gesture-machine.ts';
import type { Legality } from '../gesture/legal-targets.ts';
import type { Point } from '../layout/geometry.ts';
import type { ElementKey } from '../model/element-key.ts';

/** What is said beside the pointer: what a drop would mean, or why it would be refused. */
export function gestureNote(
  gesture: GestureState,
  legality: Legality,
  label: (key: ElementKey) => string,
): { readonly text: string; readonly at: Point; readonly tone: 'legal' | 'illegal' } | undefined {
  if (gesture.kind === 'detaching')
    return {
      text: gesture.out ? `Release: ${label(gesture.edge)} is staged to leave` : 'Pull away to leave',
      at: gesture.at,
      tone: 'legal',
    };
  if ((gesture.kind !== 'dragging' && gesture.kind !== 'armed') || gesture.at === undefined) return undefined;
  const { source, over, at } = gesture;
  if (over === source) return undefined;
  if (over === undefined) return { text: `New domain with ${label(source)}`, at, tone: 'legal' };
  const refusal = legality.get(over);
  if (refusal) {
    const reason = REASONS[refusal.code];
    return { text: refusal.detail || reason.text, at, tone: 'illegal' };
  }
  const verb = over.startsWith('workload:') ? 'Choose a domain for' : 'Connect';
  return {
    text: `${verb} ${label(source)} ${verb === 'Connect' ? 'to' : 'and'} ${label(over)}`,
    at,
    tone: 'legal',
  };
}
