import type { Clock } from '@coxswain/machinery';
import type { RbacAuthorizer } from '../authorization/rbac/rbac-authorizer.ts';
import type { AdmissionPlugin, Authorizer, ObjectReader } from '../contract.ts';
import type { AccessOptions } from '../options.ts';
import { RbacEscalation } from './rbac-escalation.ts';

/** What plugins are made from. */
export interface PluginSources {
  readonly options: AccessOptions;
  readonly reader: ObjectReader;
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer | undefined;
}

/** The enabled plugins in upstream's order. */
export function buildPlugins(sources: PluginSources): AdmissionPlugin[] {
  const plugins: AdmissionPlugin[] = [];
  if (sources.rbac !== undefined) plugins.push(new RbacEscalation(sources.authorizer, sources.rbac));
  return plugins;
}
