/** What a sample workload says over HTTP. */
export type WorkloadAnswer = {
  readonly name: string;
  readonly pod: string;
  readonly addresses: readonly string[];
  /** Address of whoever asked, as it arrived. */
  readonly caller: string;
  readonly standInFor?: string;
  readonly note?: string;
};

/** The answer of a workload to a caller. `environment` is its container's. */
export function workloadAnswer(
  environment: Readonly<Record<string, string | undefined>>,
  addresses: readonly string[],
  caller: string,
): WorkloadAnswer {
  const standInFor = environment['STAND_IN_FOR'];
  return {
    name: environment['WORKLOAD_NAME'] ?? environment['HOSTNAME'] ?? '',
    pod: environment['POD_NAME'] ?? environment['HOSTNAME'] ?? '',
    addresses: [...addresses].sort(),
    caller: caller.replace(/^::ffff:/, ''),
    ...(standInFor === undefined
      ? {}
      : { standInFor, note: `a stand-in of the lab: it listens where ${standInFor}'s control plane would` }),
  };
}
