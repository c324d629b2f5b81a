/** What the lab tells whoever started it, a line of JSON each. */
export type LabEvent =
  | { readonly event: 'step'; readonly text: string; readonly ms: number }
  | { readonly event: 'warning'; readonly text: string; readonly next?: string }
  | { readonly event: 'api'; readonly kubeconfig: string }
  | {
      readonly event: 'ready';
      readonly datapath: 'kernel' | 'in-memory';
      /** Why the datapath is in memory. */
      readonly reason?: string;
      readonly clusters: number;
      readonly nodes: number;
      readonly pods: number;
      readonly kubeconfig: string;
      readonly ms: number;
    }
  | { readonly event: 'failed'; readonly text: string; readonly next: string };

/** Something that the lab cannot go on after, with what the person can do. */
export class LabError extends Error {
  readonly next: string;

  constructor(text: string, next: string) {
    super(text);
    this.name = 'LabError';
    this.next = next;
  }
}
