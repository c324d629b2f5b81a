import cytoscape from 'cytoscape';
import { COMPOUND_PADDING, NAMESPACE_PADDING } from '../layout/geometry.ts';
import type { MapColors } from '../paint/map-colors.ts';

/** The hexagon of hubs, in Cytoscape's coordinates from -1 to 1. */
const HEXAGON = '-1 0 -0.69 -1 0.69 -1 1 0 0.69 1 -0.69 1';

/** Makes the one Cytoscape instance of a map. It draws clusters and edges; cards are painted above. */
export function createCore(container: HTMLElement): cytoscape.Core {
  return cytoscape({
    container,
    elements: [],
    layout: { name: 'preset' },
    minZoom: 0.05,
    maxZoom: 2.5,
    boxSelectionEnabled: false,
    autounselectify: true,
    selectionType: 'single',
  });
}

/** Cytoscape's stylesheet in the colours of a theme. All that varies by element is in its data. */
export function stylesheet(colors: MapColors): cytoscape.StylesheetJson {
  return [
    {
      selector: 'node',
      style: {
        shape: 'rectangle',
        width: 'data(width)',
        height: 'data(height)',
        'background-opacity': 0,
        'border-width': 0,
        'overlay-opacity': 0,
        'z-index': 2,
        // With its default, the list of one image `none`, each drawing of a node in Cytoscape 3.34 changes whether it is
        // `:backgrounding`, and so gives it, its parent and all of that one's children their style anew.
        'background-image': [] as never,
      },
    },
    // Pills are drawn with their hub, which is larger from far away: what is under the pointer is asked of the board.
    { selector: 'node[type = "mesh"]', style: { events: 'no' } },
    { selector: 'node[type = "domain"]', style: { shape: 'polygon', 'shape-polygon-points': HEXAGON } },
    {
      selector: 'node[type = "cluster"]',
      style: {
        padding: `${COMPOUND_PADDING}px`,
        'background-color': colors.cluster,
        'background-opacity': 1,
        'border-width': 1,
        'border-color': colors.clusterLine,
      },
    },
    {
      selector: 'node[type = "namespace"]:parent',
      style: {
        padding: `${NAMESPACE_PADDING}px`,
        'background-color': colors.ground,
        'background-opacity': 0.6,
        'border-width': 1,
        'border-style': 'dashed',
        'border-color': colors.clusterLine,
      },
    },
    {
      selector: 'edge',
      style: {
        'curve-style': 'unbundled-bezier',
        'control-point-distances': 'data(bend)' as never,
        'control-point-weights': [0.5],
        'edge-distances': 'intersection',
        width: 'data(width)',
        'line-color': 'data(color)',
        'line-style': 'data(line)' as never,
        'line-dash-pattern': [7, 5],
        'line-opacity': 'data(opacity)' as never,
        'target-arrow-shape': 'data(arrow)' as never,
        'target-arrow-color': 'data(color)',
        'arrow-scale': 0.9,
        'overlay-opacity': 0,
        'overlay-padding': 8,
      },
    },
    { selector: 'edge[?off]', style: { visibility: 'hidden', events: 'no' } },
  ];
}
