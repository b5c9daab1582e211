import type { KubeObject, ResourceFact, TypeFact } from '@coxswain/machinery';
import { rulesOf } from '../strategy/rules.ts';
import { applySchemaDefaults } from './schema-defaults.ts';

/**
 * Fills in what the caller left out, in place: first what the schema itself says, then the kind's own rules.
 * Applying them twice changes nothing.
 */
export function applyDefaults(object: KubeObject, fact: ResourceFact | TypeFact): void {
  const type = 'type' in fact ? fact.type : fact;
  applySchemaDefaults(object, type);
  const group = 'group' in fact ? fact.group : groupOf(object.apiVersion);
  rulesOf({ group, kind: object.kind }).defaults?.(object);
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
