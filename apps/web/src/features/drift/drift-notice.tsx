'use client';
import Link from 'next/link';
import { Notice } from '../../components/ui/notice.tsx';
import type { ElementKey } from '../../graph/model/element-key.ts';
import { driftText } from '../../graph/model/drift-marks.ts';
import { driftHref } from '../../lib/url-state.ts';
import { Section } from '../panel/panel-parts.tsx';
import { objectName, whatDrifted } from './drift-words.ts';
import { useDriftMarks } from './use-drift-marks.ts';

const MOST = 3;

/** Says in an element's panel what of it is not as it was applied, with the way to adopt or restore it. */
export function DriftNotice({ of }: { of: ElementKey }) {
  const objects = useDriftMarks().get(of) ?? [];
  if (objects.length === 0) return null;
  return (
    <Section title="Drift">
      <Notice tone="warn" title={driftText(objects.length)} testId="drift-notice">
        <ul className="flex flex-col gap-1">
          {objects.slice(0, MOST).map((drifted) => (
            <li key={drifted.id}>
              <Link
                href={driftHref(drifted.id)}
                data-testid="drift-link"
                className="font-medium wrap-anywhere underline underline-offset-2"
              >
                {objectName(drifted.object)} in {drifted.object.cluster}
              </Link>
              : <span className="wrap-anywhere">{whatDrifted(drifted)}</span>
            </li>
          ))}
          {objects.length > MOST && (
            <li>
              <Link href="/activity?tab=drift" className="font-medium underline underline-offset-2">
                {objects.length - MOST} more
              </Link>
            </li>
          )}
        </ul>
      </Notice>
    </Section>
  );
}
