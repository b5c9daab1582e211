import { compareVersions } from '../aggregator/compare-versions.ts';
import type { Definition, DefinitionVersion } from './definition.ts';

/** What requests of a version are warned of: what it says itself, or which newer version to use; '' for nothing. */
export function deprecationOf({ spec }: Definition, version: DefinitionVersion): string {
  const { deprecated, deprecationWarning, name } = version;
  if (deprecated !== true) return '';
  if (deprecationWarning !== undefined) return deprecationWarning;
  const { group, names, versions } = spec;
  const newest = versions
    .filter((other) => other.served && other.deprecated !== true && compareVersions(other.name, name) < 0)
    .map((other) => other.name)
    .sort(compareVersions)[0];
  const use = newest === undefined ? '' : `; use ${group}/${newest} ${names.kind}`;
  return `${group}/${name} ${names.kind} is deprecated${use}`;
}
