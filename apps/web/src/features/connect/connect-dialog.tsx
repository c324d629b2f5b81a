'use client';
import type { KubeconfigReading, PreflightReport } from '@flatland/bff/api/cluster';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Check } from '../../components/ui/check.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { tellError } from '../../lib/console-error.ts';
import { useTRPC } from '../../lib/trpc.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { ContextChoice, FaultText } from './context-choice.tsx';
import { KubeconfigInput } from './kubeconfig-input.tsx';
import { countLines, PreflightLines } from './preflight-lines.tsx';

/** What was sent is forgotten with the dialog: it holds secrets. */
const FORGOTTEN = { gcTime: 0 };

/**
 * Connects a cluster: paste a kubeconfig, choose a context, read the preflight, connect. With `replace`, the same for
 * other credentials of a connected cluster. What was found holds only for what was asked: a change of the input takes
 * it back.
 */
export function ConnectDialog({ replace, onClose }: { replace?: string; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const offline = useBlocked();
  const [kubeconfig, setKubeconfig] = useState('');
  const [chosen, setChosen] = useState<string>();
  const [named, setNamed] = useState<string>();
  const [readOnly, setReadOnly] = useState(false);
  const read = useMutation(trpc.cluster.readKubeconfig.mutationOptions(FORGOTTEN));
  const preflight = useMutation(trpc.cluster.preflight.mutationOptions(FORGOTTEN));
  const done = (what: string) => {
    toast.success(what);
    void queries.invalidateQueries(trpc.console.overview.queryFilter());
    onClose();
  };
  const connect = useMutation(
    trpc.cluster.connect.mutationOptions({
      ...FORGOTTEN,
      onSuccess: ({ name }) => done(`${name} is connected`),
    }),
  );
  const exchange = useMutation(
    trpc.cluster.replaceCredentials.mutationOptions({
      ...FORGOTTEN,
      onSuccess: ({ name }) => done(`${name} has other credentials`),
    }),
  );

  const reading = read.variables?.kubeconfig === kubeconfig ? read.data : undefined;
  const context = chosen ?? (reading && firstUsable(reading));
  const suggested = reading?.contexts.find((choice) => choice.context === context)?.suggestedName;
  const name = named ?? suggested ?? '';
  const request = { kubeconfig, context: context ?? '', name, readOnly };
  const report = sameRequest(preflight.variables, request) ? preflight.data : undefined;
  const failure = [read, preflight, connect, exchange].find(
    ({ error, variables }) => error !== null && variables?.kubeconfig === kubeconfig,
  )?.error;

  const steps: readonly Step[] = [
    {
      label: 'Read it',
      isDone: reading !== undefined,
      isPending: read.isPending,
      blocked: kubeconfig.trim() === '' ? 'Paste a kubeconfig, or choose a file' : undefined,
      run: () => read.mutate({ kubeconfig }),
    },
    replace === undefined
      ? {
          label: 'Run the preflight',
          isDone: report !== undefined,
          isPending: preflight.isPending,
          blocked:
            context === undefined
              ? 'No context of it can be connected'
              : name === ''
                ? 'Name the cluster'
                : undefined,
          run: () => preflight.mutate(request),
        }
      : {
          label: 'Replace',
          isDone: false,
          isPending: exchange.isPending,
          blocked: context === undefined ? 'No context of it can be used' : undefined,
          run: () => exchange.mutate({ kubeconfig, context, cluster: replace }),
        },
    {
      label: 'Connect',
      isDone: false,
      isPending: connect.isPending,
      blocked: report?.canConnect === false ? 'Something has failed: do what the lines say' : undefined,
      run: () => connect.mutate(request),
    },
  ];
  const step = steps.find(({ isDone }) => !isDone)!;
  const isBusy = steps.some(({ isPending }) => isPending);
  return (
    <Dialog
      open
      onClose={onClose}
      testId="connect-dialog"
      className="top-[6vh] max-h-[88vh] w-[680px]"
      title={replace === undefined ? 'Connect a cluster' : `Replace the credentials of ${replace}`}
      description={
        replace === undefined
          ? 'Its credentials are kept encrypted in this console’s data directory.'
          : 'They must be of the same cluster. The old ones are forgotten.'
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {report !== undefined && (
            <Button data-testid="preflight-again" blocked={offline} onClick={() => preflight.mutate(request)}>
              Run it again
            </Button>
          )}
          <Button
            look="solid"
            data-testid="connect-next"
            blocked={offline ?? (isBusy ? 'The cluster is being asked' : step.blocked)}
            onClick={step.run}
          >
            {isBusy ? 'Asking…' : step.label}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <KubeconfigInput
          text={kubeconfig}
          onChange={(text) => {
            setKubeconfig(text);
            setChosen(undefined);
            setNamed(undefined);
          }}
        />
        <div role="status" className="flex flex-col gap-2 empty:hidden">
          {failure && (
            <Notice tone="fail" title={tellError(failure).message} testId="connect-error">
              {tellError(failure).hint}
            </Notice>
          )}
          {reading && reading.faults.length > 0 && (
            <Notice tone="fail" title="This kubeconfig cannot be used" testId="connect-error">
              {reading.faults.map((fault) => (
                <FaultText key={`${fault.where} ${fault.reason}`} fault={fault} />
              ))}
            </Notice>
          )}
        </div>
        {reading && reading.contexts.length > 0 && (
          <>
            <ContextChoice
              contexts={reading.contexts}
              chosen={context}
              onChoose={(next) => {
                setChosen(next);
                setNamed(undefined);
              }}
            />
            {replace === undefined && context !== undefined && (
              <>
                <Field
                  label="Name"
                  data-testid="connect-name"
                  value={name}
                  maxLength={63}
                  onChange={(event) => setNamed(event.target.value)}
                  hint="What the cluster is called on the map: lower-case letters, digits and dashes"
                />
                <Check checked={readOnly} onChange={setReadOnly} testId="connect-read-only">
                  Read-only
                  <span className="block text-xs text-ink-3">
                    Nothing is ever written to it: changes are planned and exported
                  </span>
                </Check>
              </>
            )}
          </>
        )}
        {report && <Report report={report} />}
      </div>
    </Dialog>
  );
}

interface Step {
  readonly label: string;
  readonly isDone: boolean;
  readonly isPending: boolean;
  readonly blocked: string | undefined;
  readonly run: () => void;
}

function Report({ report }: { report: PreflightReport }) {
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // newer browsers give a promise, which is no clean-up
    top.current?.scrollIntoView({ block: 'start' });
  }, [report]);
  return (
    <div ref={top} className="flex flex-col gap-2">
      <p role="status" data-testid="preflight-count" className="text-xs font-medium text-ink-2">
        {report.canConnect ? 'It can be connected' : 'It cannot be connected like this'}:{' '}
        {countLines(report.lines)}
      </p>
      <PreflightLines lines={report.lines} />
    </div>
  );
}

/** The current context where it can be connected, else the first that can. */
function firstUsable({ contexts, currentContext }: KubeconfigReading): string | undefined {
  const usable = contexts.filter(({ faults }) => faults.length === 0);
  return (usable.find(({ context }) => context === currentContext) ?? usable[0])?.context;
}

interface Asked {
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  readonly name?: string | undefined;
  readonly readOnly: boolean;
}

function sameRequest(a: Asked | undefined, b: Asked): boolean {
  return (
    a?.kubeconfig === b.kubeconfig &&
    a.context === b.context &&
    a.name === b.name &&
    a.readOnly === b.readOnly
  );
}
