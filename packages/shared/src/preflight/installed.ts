import type { PreflightFacts } from './facts.ts';
import { line, type PreflightLine } from './line.ts';

const OWN_GROUP = 'flatland.dev';
const GIT_ENGINES: readonly (readonly [string, readonly string[]])[] = [
  ['Argo CD', ['argoproj.io']],
  ['Flux', ['helm.toolkit.fluxcd.io', 'kustomize.toolkit.fluxcd.io']],
];

/** Whether Flatland is installed, and who else applies objects, as the served API groups say. */
export function installedLines({ apiGroups }: PreflightFacts): PreflightLine[] {
  if (!apiGroups.ok) {
    const why = `API groups cannot be listed: ${apiGroups.error}`;
    return [line('flatland', 'unknown', why), line('git', 'unknown', why)];
  }
  const served = new Set(apiGroups.value);
  const engines = GIT_ENGINES.filter(([, groups]) => groups.some((group) => served.has(group)));
  return [
    served.has(OWN_GROUP)
      ? line('flatland', 'ok', 'Installed')
      : line(
          'flatland',
          'warning',
          'Not installed: the cluster is shown, and no domain can span it',
          'Install Flatland on the cluster before a domain spans it',
        ),
    engines.length === 0
      ? line('git', 'ok', 'Neither is found')
      : line(
          'git',
          'warning',
          `${engines.map(([title]) => title).join(' and ')} ${engines.length === 1 ? 'runs' : 'run'} here`,
          'Change objects that it owns in Git: review exports them as files',
        ),
  ];
}
