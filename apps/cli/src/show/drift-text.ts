import type { DriftDetail } from '@flatland/bff/api/drift';
import { GIT_ENGINE_TITLES } from '@flatland/shared/plan/git-owner';
import type { DriftedField, FieldWriter } from '@flatland/shared/plan/drift';
import type { ObjectRef } from '@flatland/shared/topology/topology';
import pc from 'picocolors';

/** An object that is not what was applied: what was, what is, and who made it so. */
export function driftText(detail: DriftDetail): string {
  const { object, how, fields, git, appliedBy, current } = detail;
  const notes = [
    how === 'deleted' ? 'deleted; it is not recorded by whom' : undefined,
    git && `kept by ${GIT_ENGINE_TITLES[git]}`,
    current ? undefined : 'as last seen: its cluster does not answer',
  ].filter((note) => note !== undefined);
  return [
    `${how === 'deleted' ? pc.red('-') : pc.yellow('~')} ${objectPath(object)}${notes.length > 0 ? `  ${notes.join('; ')}` : ''}`,
    ...fields.filter(({ drifted }) => drifted).map(fieldText),
    pc.dim(`    applied by ${appliedBy.person}: ${appliedBy.title}`),
  ].join('\n');
}

/** `onprem-fra/Membership/analytics/red.deployment.reporting`. */
export function objectPath({ cluster, kind, namespace, name }: ObjectRef): string {
  return [cluster, kind, namespace, name].filter((part) => part !== undefined).join('/');
}

function fieldText({ path, applied, live, by }: DriftedField): string {
  const who = by.length > 0 ? by.map(writerText).join(', ') : 'not recorded by whom';
  return `    ${path}: ${valueText(applied)} → ${valueText(live)}  ${pc.dim(who)}`;
}

function writerText({ manager, time }: FieldWriter): string {
  return time === undefined ? manager : `${manager} ${time}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
