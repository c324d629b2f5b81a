'use client';
import { useUi } from '../../state/ui-store.ts';
import { ChooseDomain } from './choose-domain.tsx';
import { NewDomainDialog } from './new-domain-dialog.tsx';
import { TargetPicker } from './target-picker.tsx';

/** The question that a gesture asks, one at a time. */
export function Dialogs() {
  const asking = useUi((ui) => ui.asking);
  const close = () => useUi.getState().ask(undefined);
  switch (asking?.kind) {
    case 'target':
      return <TargetPicker key={asking.source} source={asking.source} onClose={close} />;
    case 'choose-domain':
      return <ChooseDomain asking={asking} onClose={close} />;
    case 'new-domain':
      return <NewDomainDialog members={asking.members} suggestion={asking.suggestion} onClose={close} />;
    case undefined:
      return null;
  }
}
