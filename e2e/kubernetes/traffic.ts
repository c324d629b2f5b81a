import { given } from '../clusters/given.ts';
import { kubectl } from '../clusters/sample.ts';

/** A pod that sends. */
export interface Sender {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
}

/** What came back of echo requests at an interval. */
export interface Echoes {
  readonly sent: number;
  /** Requests without an answer while later ones had one, and those at the end but for the last moments'. */
  readonly lost: number;
  /** The longest time without an answer. */
  readonly longestGapMs: number;
}

const INTERVAL_MS = 200;
/** Requests of the last moments may be under way when the sender is stopped. */
const UNDER_WAY_MS = 400;
let nStarted = 0;

/**
 * Sends from a pod to an address until it is stopped, whatever becomes of the connection to the pod.
 *
 * @param intervalMs between requests
 */
export async function startTraffic(
  from: Sender,
  address: string,
  intervalMs = INTERVAL_MS,
): Promise<() => Promise<Echoes>> {
  const file = `/tmp/echoes-${(nStarted += 1)}`;
  const start = `ping -i ${intervalMs / 1000} ${address} >${file} 2>&1 & echo $!`;
  const pid = (await sh(from, start)).trim();
  return async () => {
    const text = await sh(
      from,
      `kill -INT ${pid}; while kill -0 ${pid} 2>/dev/null; do sleep 0.1; done; cat ${file}`,
    );
    await sh(from, `rm ${file}`);
    return readEchoes(text, intervalMs);
  };
}

/** Reads what BusyBox’ ping prints. Throws where it did not run to its end. */
function readEchoes(text: string, intervalMs: number): Echoes {
  const sent = Number(/^(\d+) packets transmitted/m.exec(text)?.[1] ?? Number.NaN);
  if (Number.isNaN(sent)) throw new Error(`not the output of a ping: ${text.slice(-300)}`);
  const answered = [...text.matchAll(/ seq=(\d+) /g)].map(([, seq]) => Number(seq)).toSorted((a, b) => a - b);
  const due = Math.max((answered.at(-1) ?? -1) + 1, sent - UNDER_WAY_MS / intervalMs);
  const gaps = [...answered, due].map((seq, i) => seq - (answered[i - 1] ?? -1) - 1);
  return {
    sent,
    lost: gaps.reduce((sum, gap) => sum + gap, 0),
    longestGapMs: Math.max(...gaps) * intervalMs,
  };
}

function sh({ cluster, namespace, pod }: Sender, script: string): Promise<string> {
  return kubectl(given, cluster, ['-n', namespace, 'exec', pod, '--', 'sh', '-c', script]);
}
