'use client';
import { useTheme } from 'next-themes';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, type ReactNode } from 'react';
import { judgeTogether } from '../../graph/gesture/legal-targets.ts';
import type { GraphModel, Lens } from '../../graph/model/graph-model.ts';
import type { GraphHandlers } from '../../graph/view/handlers.ts';
import { sourcesOf, useConnect, useProjected } from '../../state/use-connect.ts';
import { useBlocked } from '../../state/use-blocked.ts';
import { useUi } from '../../state/ui-store.ts';
import { describeElement } from './describe-element.ts';
import { graphView } from './graph-instance.ts';
import { usePositions } from './use-positions.ts';

interface MapCanvasProps {
  readonly model: GraphModel;
  readonly lens: Lens;
  readonly selected: string | null;
  readonly onSelect: (key: string | undefined) => void;
  readonly children?: ReactNode;
}

/** The place on the page where the map is. */
export function MapCanvas({ model, lens, selected, onSelect, children }: MapCanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef<GraphHandlers>(undefined);
  const projected = useProjected();
  const connect = useConnect();
  const blocked = useBlocked();
  const { theme, resolvedTheme } = useTheme();
  const { onMoved, saved } = usePositions();
  const say = useCallback(
    (key: string | undefined) => {
      if (key !== undefined) useUi.getState().announce(describeElement(key, model));
    },
    [model],
  );
  useLayoutEffect(() => {
    latest.current = {
      onSelect,
      onGroup: (key) => useUi.getState().toggleInGroup(key),
      onOpen: onSelect,
      onConnect: connect,
      onConnectKey: (source) => useUi.getState().ask({ kind: 'target', source }),
      onFocus: say,
      onToggleFold: (key) => useUi.getState().toggleFold(key),
      onMoved,
      onView: () => undefined,
      judge: (source, targets) => judgeTogether(sourcesOf(source), targets, projected),
      blocked: () => blocked,
    };
  });
  const handlers = useMemo<GraphHandlers>(
    () => ({
      onSelect: (key) => latest.current?.onSelect(key),
      onGroup: (key) => latest.current?.onGroup(key),
      onOpen: (key) => latest.current?.onOpen(key),
      onConnect: (source, target) => latest.current?.onConnect(source, target),
      onConnectKey: (source) => latest.current?.onConnectKey(source),
      onFocus: (key) => latest.current?.onFocus(key),
      onToggleFold: (key) => latest.current?.onToggleFold(key),
      onMoved: (positions) => latest.current?.onMoved(positions),
      onView: (view) => latest.current?.onView(view),
      judge: (source, targets) => latest.current?.judge(source, targets) ?? new Map(),
      blocked: () => latest.current?.blocked(),
    }),
    [],
  );

  useEffect(() => {
    const view = graphView(handlers);
    view.element.tabIndex = 0;
    view.element.setAttribute('role', 'application');
    view.element.setAttribute('aria-roledescription', 'map');
    view.element.setAttribute(
      'aria-label',
      'Map of clusters, workloads and domains. Arrow keys move, Enter opens, C connects, Escape leaves. The table shows the same.',
    );
    view.element.dataset['testid'] = 'map';
    host.current?.prepend(view.element);
    return () => view.element.remove();
  }, [handlers]);
  useEffect(() => {
    if (saved === undefined) return;
    const view = graphView(handlers);
    if (view.board.known.size === 0 && saved.size > 0) view.board.take(saved);
    view.setModel(model, lens);
  }, [handlers, model, lens, saved]);
  useEffect(() => graphView(handlers).select(selected ?? undefined), [handlers, selected, model]);
  const group = useUi((ui) => ui.group);
  useEffect(() => graphView(handlers).setGroup(group), [handlers, group]);
  useEffect(() => {
    // The class on the root changes after this render.
    const frame = requestAnimationFrame(() => graphView(handlers).setTheme());
    return () => cancelAnimationFrame(frame);
  }, [handlers, theme, resolvedTheme]);

  return (
    <div ref={host} className="relative min-h-0 min-w-0 flex-1 overflow-hidden">
      {children}
    </div>
  );
}
