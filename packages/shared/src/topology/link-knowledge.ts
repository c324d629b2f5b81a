/** One ClusterLink as an edge: who holds it, where it leads, which way objects go. */
export interface LinkEdge {
  readonly holder: string;
  readonly cluster: string;
  readonly mode: 'pull' | 'push';
  readonly hub: boolean;
}

/** True where one cluster gets another's nodes over a link between the two: it reads there, or the other writes here. */
export function knowsDirectly(edges: readonly LinkEdge[], near: string, far: string): boolean {
  return edges.some(
    ({ holder, cluster, mode }) =>
      (mode === 'pull' && holder === near && cluster === far) ||
      (mode === 'push' && holder === far && cluster === near),
  );
}

/** True where a declared hub passes the other's nodes on to this one. A hub passes on only what it has at first hand. */
export function knowsThroughHub(edges: readonly LinkEdge[], near: string, far: string): boolean {
  return edges.some(({ holder, cluster, mode, hub }) => {
    if (!hub) return false;
    if (mode === 'pull' && holder === near) return cluster !== far && knowsDirectly(edges, cluster, far);
    if (mode === 'push' && cluster === near) return holder !== far && knowsDirectly(edges, holder, far);
    return false;
  });
}
