/**
 * How long one thing that a console, its agents and their clusters do is waited for. Four kubelets and two API servers
 * take their part of the machine that the browser is on.
 */
export const PATIENCE_MS = process.env['FLATLAND_WORLD'] === 'kubernetes' ? 240_000 : 45_000;
