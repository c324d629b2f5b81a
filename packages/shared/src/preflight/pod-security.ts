import { SYSTEM_NAMESPACE } from '../model/kubernetes-object.ts';
import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const STRICTER: readonly string[] = ['baseline', 'restricted'];

/** Whether agents may run: they need the host’s network. Members need no privilege, whatever their namespace enforces. */
export function podSecurityLines({ namespaces }: PreflightFacts): PreflightLine[] {
  if (!namespaces.ok)
    return [
      line(
        'pod-security',
        'unknown',
        `Namespaces cannot be listed: ${namespaces.error}`,
        'Grant list on namespaces',
      ),
    ];
  const levels = new Map(
    namespaces.value.map(({ metadata }) => [metadata.name, metadata.labels?.[ENFORCE] ?? '']),
  );
  const counted = STRICTER.flatMap((level) => {
    const n = [...levels.values()].filter((each) => each === level).length;
    return n === 0 ? [] : [`${n} of ${levels.size} namespaces enforce ${level}`];
  });
  const others = `${counted.length === 0 ? 'No namespace enforces a stricter level' : counted.join(', ')}; members need no privilege`;
  return [systemLine(levels.get(SYSTEM_NAMESPACE)), line('pod-security', 'ok', others)];
}

function systemLine(level: string | undefined): PreflightLine {
  if (level === 'privileged')
    return line('pod-security', 'ok', `${SYSTEM_NAMESPACE} enforces privileged, which its agents need`);
  if (level !== undefined && level !== '')
    return line(
      'pod-security',
      'warning',
      `${SYSTEM_NAMESPACE} enforces ${level}, and agents need privileged`,
      `kubectl label namespace ${SYSTEM_NAMESPACE} --overwrite ${ENFORCE}=privileged`,
    );
  const what = level === undefined ? 'is not there yet' : 'enforces no level of its own';
  return line(
    'pod-security',
    'unknown',
    `${SYSTEM_NAMESPACE} ${what}, and the API does not tell the cluster’s default; the install sets privileged on it, and admission answers then`,
  );
}
