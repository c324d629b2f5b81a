import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';

/** ValidatingAdmissionPolicy, which confines agents to their own node’s objects, is in every release from 1.30 on. */
const FIRST_MINOR = 30;
/** Releases before this one are in no test. */
const FIRST_TESTED_MINOR = 32;

/** Why there is nothing more to ask: the API does not answer, or not to these credentials. Undefined where there is. */
export function closedLine({
  server,
  version,
  credentialsAccepted,
}: PreflightFacts): PreflightLine | undefined {
  if (!credentialsAccepted)
    return line(
      'api-server',
      'failed',
      `${server} answers, and does not know these credentials`,
      'Make new ones: a token may have expired. For a service account: kubectl create token NAME',
    );
  if (version.ok) return undefined;
  return line(
    'api-server',
    'failed',
    `${server} does not answer as an API server should: ${version.error}`,
    'Check the address, the CA and that the API is reached from this machine',
  );
}

/** That the API answers, and whether its version is one that Flatland works with. */
export function apiServerLines({ server, version }: PreflightFacts): PreflightLine[] {
  const answers = line('api-server', 'ok', `${server} answers`);
  return version.ok ? [answers, versionLine(version.value)] : [answers];
}

function versionLine(version: string): PreflightLine {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined)
    return line('version', 'unknown', `The server calls its version ${JSON.stringify(version.slice(0, 64))}`);
  const isBefore = (first: number) => Number(major) < 1 || (Number(major) === 1 && Number(minor) < first);
  if (isBefore(FIRST_MINOR))
    return line(
      'version',
      'failed',
      `${version} has no ValidatingAdmissionPolicy, by which an agent is kept to its own node’s objects`,
      `Upgrade the cluster to 1.${FIRST_MINOR} or newer`,
    );
  if (isBefore(FIRST_TESTED_MINOR))
    return line(
      'version',
      'warning',
      `${version} is older than what Flatland is tested with`,
      `Upgrade the cluster to 1.${FIRST_TESTED_MINOR} or newer`,
    );
  return line('version', 'ok', version);
}
