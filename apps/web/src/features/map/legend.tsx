'use client';
import { CircleHelp, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { DriftShape } from '../../components/drift/drift-sign.tsx';
import { Button } from '../../components/ui/button.tsx';
import type { Lens } from '../../graph/model/graph-model.ts';

/** What the signs of the map mean, for the lens in use. */
export function Legend({ lens }: { lens: Lens }) {
  const [open, setOpen] = useState(false);
  // Each of the two buttons goes away when it is pressed: the other takes the focus.
  const [used, setUsed] = useState(false);
  const toggle = () => {
    setUsed(true);
    setOpen(!open);
  };
  if (!open)
    return (
      <Button
        size="sm"
        look="outline"
        className="absolute top-3 right-3 z-10"
        data-testid="legend-open"
        autoFocus={used}
        onClick={toggle}
      >
        <CircleHelp /> Legend
      </Button>
    );
  return (
    <aside
      aria-label="Legend"
      data-testid="legend"
      className="absolute top-3 right-3 z-10 w-60 rounded-xl border border-line bg-panel p-3 shadow-float"
    >
      <div className="mb-2 flex items-center justify-between">
        <h2 className="text-xs font-semibold">Legend</h2>
        <Button
          look="ghost"
          size="icon-sm"
          aria-label="Close the legend"
          className="size-6"
          autoFocus
          onClick={toggle}
        >
          <X />
        </Button>
      </div>
      <ul className="flex flex-col gap-1.5 text-xs text-ink-2">{ROWS[lens]}</ul>
    </aside>
  );
}

function Row({ sign, children }: { sign: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-center gap-2.5">
      <svg viewBox="0 0 36 16" className="h-4 w-9 shrink-0" fill="none" aria-hidden>
        {sign}
      </svg>
      {children}
    </li>
  );
}

const line = (props: { stroke: string; dash?: string; width?: number }) => (
  <line
    x1="1"
    y1="8"
    x2="35"
    y2="8"
    stroke={props.stroke}
    strokeWidth={props.width ?? 2}
    strokeDasharray={props.dash}
  />
);

const DRIFT = <Row sign={<DriftShape x={18} y={8} size={15} />}>Not as it was applied</Row>;

const COMMON = (
  <>
    <Row
      sign={
        <path
          d="M6 8 10 1h16l4 7-4 7H10Z"
          fill="var(--hue-0)"
          fillOpacity=".15"
          stroke="var(--hue-0)"
          strokeWidth="1.6"
        />
      }
    >
      Domain: name, prefix, members
    </Row>
    <Row sign={<rect x="2" y="2" width="32" height="12" rx="4" stroke="var(--hue-0)" strokeWidth="1.6" />}>
      Workload, rim in its domain
    </Row>
    <Row
      sign={
        <>
          <path d="M18 2H6a4 4 0 0 0-4 4v4a4 4 0 0 0 4 4h12" stroke="var(--hue-0)" strokeWidth="1.6" />
          <path d="M18 2h12a4 4 0 0 1 4 4v4a4 4 0 0 1-4 4H18" stroke="var(--hue-1)" strokeWidth="1.6" />
        </>
      }
    >
      Workload in two domains
    </Row>
    <Row sign={<path d="m18 2 7 12H11Z" fill="var(--warn)" />}>Degraded, or needs attention</Row>
    <Row sign={<path d="M14.5 1h7l5 5v4l-5 5h-7l-5-5V6Z" fill="var(--fail)" />}>Failing</Row>
    {DRIFT}
  </>
);

const ROWS: Record<Lens, ReactNode> = {
  members: (
    <>
      {COMMON}
      <Row sign={line({ stroke: 'var(--staged)', dash: '5 3' })}>+ staged: joins</Row>
      <Row sign={line({ stroke: 'var(--staged)', dash: '2 3' })}>− staged: leaves</Row>
      <Row
        sign={
          <>
            {line({ stroke: 'var(--hue-0)', dash: '5 3' })}
            <circle cx="22" cy="8" r="3" fill="var(--hue-0)" />
          </>
        }
      >
        Being programmed
      </Row>
      <Row
        sign={
          <>
            {line({ stroke: 'var(--hue-0)' })}
            <path d="m14 8 3 3 5-6" stroke="var(--hue-0)" strokeWidth="2" />
          </>
        }
      >
        Proved by packets
      </Row>
      <Row
        sign={
          <>
            {line({ stroke: 'var(--fail)', dash: '5 3' })}
            <path d="M15 4h6l3 3v3l-3 3h-6l-3-3V7Z" fill="var(--fail)" />
          </>
        }
      >
        Failed, with its reason
      </Row>
    </>
  ),
  traffic: (
    <>
      {COMMON}
      <Row sign={line({ stroke: 'var(--hue-0)', width: 4 })}>Traffic, width by rate</Row>
      <Row sign={line({ stroke: 'var(--ink-3)' })}>Stale: none for a minute</Row>
      <Row
        sign={
          <>
            {line({ stroke: 'var(--fail)', dash: '5 3' })}
            <path d="M18 2v12" stroke="var(--fail)" strokeWidth="2.5" />
          </>
        }
      >
        Denied
      </Row>
    </>
  ),
  infrastructure: (
    <>
      <Row
        sign={
          <rect x="2" y="2" width="32" height="12" rx="2" stroke="var(--line-strong)" strokeWidth="1.6" />
        }
      >
        Node, with its domains
      </Row>
      <Row sign={line({ stroke: 'var(--hue-0)', width: 1.5 })}>Tunnel of a domain, up</Row>
      <Row sign={line({ stroke: 'var(--fail)', dash: '5 3' })}>Tunnel down</Row>
      {DRIFT}
    </>
  ),
  mesh: (
    <>
      {COMMON}
      <Row
        sign={
          <rect x="4" y="3" width="28" height="10" rx="5" stroke="var(--line-strong)" strokeWidth="1.6" />
        }
      >
        Mesh on its domain
      </Row>
    </>
  ),
};
