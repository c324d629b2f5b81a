import { GraphView } from '../../graph/view/graph-view.ts';
import type { GraphHandlers } from '../../graph/view/handlers.ts';
import { exposeSeam } from '../../graph/view/test-seam.ts';

let view: GraphView | undefined;

/** The tab's one map. It is kept while other pages are open, so that nothing is made anew. */
export function graphView(handlers: GraphHandlers): GraphView {
  if (view === undefined) {
    view = new GraphView(handlers);
    exposeSeam(view);
  } else view.handlers = handlers;
  return view;
}

/** The map where it was made already. */
export function currentGraph(): GraphView | undefined {
  return view;
}
