'use client';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Kbd } from '../../components/ui/kbd.tsx';
import { useModKey } from '../../state/use-mod-key.ts';
import { useUi } from '../../state/ui-store.ts';

/** Stands for the key that shortcuts are held with. */
const MOD = 'mod';

const GROUPS: readonly { title: string; rows: readonly [readonly string[], string][] }[] = [
  {
    title: 'Everywhere',
    rows: [
      [[MOD, 'K'], 'Search, connect, any action'],
      [[MOD, 'Z'], 'Undo the last staged edit'],
      [[MOD, 'Shift', 'Z'], 'Redo it'],
      [['?'], 'This sheet'],
    ],
  },
  {
    title: 'On the map',
    rows: [
      [['Tab'], 'Enter the map'],
      [['←', '↑', '→', '↓'], 'Move to the next element'],
      [['Enter'], 'Open what is reached'],
      [['Space'], 'Choose it, to connect several together'],
      [['C'], 'Connect it: type the target, then Enter'],
      [['E'], 'Go round its memberships'],
      [['Del'], 'Leave the membership that is reached'],
      [['+', '−', '0'], 'Zoom in, out, fit'],
      [['Esc'], 'Let go, close, leave the map'],
    ],
  },
  {
    title: 'In tables',
    rows: [[['↑', '↓'], 'Choose the row, and with it the element']],
  },
];

/** All keys on one sheet. */
export function ShortcutSheet() {
  const open = useUi((ui) => ui.shortcutsOpen);
  const modKey = useModKey();
  return (
    <Dialog
      open={open}
      onClose={() => useUi.getState().openShortcuts(false)}
      title="Keyboard"
      testId="shortcuts"
      description="Everything that the mouse does, the keyboard does too."
    >
      <div className="flex flex-col gap-5">
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1.5 text-xs font-semibold text-ink-2">{group.title}</h3>
            <dl className="flex flex-col">
              {group.rows.map(([keys, text]) => (
                <div
                  key={text}
                  className="flex h-8 items-center justify-between border-b border-line/70 text-sm last:border-b-0"
                >
                  <dt className="order-2 flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key === MOD ? modKey : key}</Kbd>
                    ))}
                  </dt>
                  <dd className="text-ink-2">{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
