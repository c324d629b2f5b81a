import type { Browser } from '@playwright/test';
import type { Stack } from '../stack.ts';

/** Where workflows are gone through. One that is written once passes in each. */
export interface World {
  readonly name: 'lab' | 'kubernetes';
  /** The clusters that the console knows, sorted. */
  readonly clusters: readonly string[];
  /** Starts a stack over the clusters, whose intent is that of the sample. */
  start(): Promise<Stack>;
  /** Does in the browser what a person does before anything else can be done. */
  begin(stack: Stack, browser: Browser): Promise<void>;
  /** Takes a cluster's API away from whoever is outside of it. Nodes and pods run on. */
  takeAway(stack: Stack, cluster: string): Promise<void>;
  /** Brings a cluster's API back, where it was taken away. */
  bringBack(stack: Stack, cluster: string): Promise<void>;
  /** Lets a workload call another over a domain, where workloads do not call each other by themselves. */
  converse(from: string, to: string, domain: string): Promise<void>;
}
