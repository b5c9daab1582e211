import type { RuleCheck } from './custom-resource.ts';
import type { DefinitionVersion } from './definition.ts';

/** The check of a version's `x-kubernetes-validations`; undefined where it has none. */
export function compileRules(_version: DefinitionVersion): RuleCheck | undefined {
  return undefined;
}
