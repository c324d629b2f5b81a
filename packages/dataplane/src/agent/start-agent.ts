import type { NodeReport, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import type { AgentOptions, AgentPorts } from './agent-options.ts';
import { Agent } from './reconcile/agent.ts';

/** An agent that runs: what its HTTP server, and whoever runs it in his own process, asks of it. */
export interface RunningAgent {
  report(): Promise<NodeReport>;
  /** Calls after something that the report tells changed. Returns the end of it. */
  onChange(listener: () => void): () => void;
  probe(request: ProbeRequest): Promise<ProbeResult>;
  /** True once the node was programmed for the first time. */
  isReady(): boolean;
  /** Ends the agent. What is programmed stays. */
  stop(): Promise<void>;
}

/**
 * Starts the agent of one node: watches the cluster's API, programs the node, and tells what it did.
 * Resolves at once; it works as soon as there are objects, from the API or from its last run.
 */
export async function startAgent(ports: AgentPorts, options: AgentOptions): Promise<RunningAgent> {
  const agent = new Agent(ports, options);
  await agent.start();
  return agent;
}
