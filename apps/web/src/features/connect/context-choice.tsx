'use client';
import type { KubeconfigChoice, KubeconfigFault } from '@flatland/bff/api/cluster';
import { cn } from '../../lib/cn.ts';

/** The contexts of a kubeconfig: one to choose, and those that are refused with every reason. */
export function ContextChoice({
  contexts,
  chosen,
  onChoose,
}: {
  contexts: readonly KubeconfigChoice[];
  chosen: string | undefined;
  onChoose: (context: string) => void;
}) {
  return (
    <div role="radiogroup" aria-label="Context" className="flex flex-col gap-2">
      {contexts.map(({ context, server, credential, faults }) => (
        <label
          key={context}
          data-testid="kubeconfig-context"
          className={cn(
            'flex flex-col rounded-lg border p-3 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
            chosen === context ? 'border-staged bg-staged-soft' : 'border-line hover:border-line-strong',
          )}
        >
          <input
            type="radio"
            name="context"
            className="sr-only"
            checked={chosen === context}
            disabled={faults.length > 0}
            onChange={() => onChoose(context)}
          />
          <span className="font-semibold break-all">{context}</span>
          {faults.length === 0 ? (
            <span className="text-xs break-all text-ink-3">
              {server}, by {credential === 'token' ? 'token' : 'client certificate'}
            </span>
          ) : (
            faults.map((fault) => <FaultText key={`${fault.where} ${fault.reason}`} fault={fault} />)
          )}
        </label>
      ))}
    </div>
  );
}

/** Why something of a kubeconfig is refused, where in it, and what to do. */
export function FaultText({ fault: { where, text, next } }: { fault: KubeconfigFault }) {
  return (
    <span data-testid="kubeconfig-fault" className="block text-xs text-fail-ink">
      {where !== '' && <span className="font-mono">{where}: </span>}
      {text}. {next}.
    </span>
  );
}
