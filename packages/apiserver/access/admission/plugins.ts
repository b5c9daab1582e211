import type { Clock } from '@coxswain/machinery';
import type { RbacAuthorizer } from '../authorization/rbac/rbac-authorizer.ts';
import type { AdmissionPlugin, Authorizer, ObjectReader } from '../contract.ts';
import type { AccessOptions } from '../options.ts';
import { csrRequester } from './csr-requester.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { NamespaceLifecycle } from './namespace-lifecycle.ts';
import { NodeRestriction } from './node-restriction/node-restriction.ts';
import { Priority } from './priority.ts';
import { RbacEscalation } from './rbac-escalation.ts';
import { ServiceAccountPlugin } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

/** What plugins are made from. */
export interface PluginSources {
  readonly options: AccessOptions;
  readonly reader: ObjectReader;
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer | undefined;
}

interface PluginEntry {
  readonly name: string;
  /** On unless disabled. */
  readonly byDefault: boolean;
  readonly build: (sources: PluginSources) => AdmissionPlugin;
}

/** All plugins in upstream's order, which is the order in which they run. */
const catalogue: readonly PluginEntry[] = [
  on('NamespaceLifecycle', ({ reader }) => new NamespaceLifecycle(reader)),
  on('ServiceAccount', ({ reader }) => new ServiceAccountPlugin(reader)),
  off('NodeRestriction', ({ reader, authorizer }) => new NodeRestriction(reader, authorizer)),
  on('TaintNodesByCondition', () => taintNodesByCondition),
  on('Priority', ({ reader }) => new Priority(reader)),
  on('DefaultTolerationSeconds', () => defaultTolerationSeconds),
];

function on(name: string, build: PluginEntry['build']): PluginEntry {
  return { name, byDefault: true, build };
}

function off(name: string, build: PluginEntry['build']): PluginEntry {
  return { name, byDefault: false, build };
}

/** Names of the plugins that there are, for flags and their errors. */
export const admissionPluginNames: readonly string[] = catalogue.map((entry) => entry.name);

/** The enabled plugins in the order in which they run; what upstream's storage checks itself comes last. */
export function buildPlugins(sources: PluginSources): AdmissionPlugin[] {
  const { enableAdmissionPlugins: enabled, disableAdmissionPlugins: disabled } = sources.options;
  const plugins = catalogue
    .filter(({ name, byDefault }) => enabled.includes(name) || (byDefault && !disabled.includes(name)))
    .map((entry) => entry.build(sources));
  plugins.push(csrRequester);
  if (sources.rbac !== undefined) plugins.push(new RbacEscalation(sources.authorizer, sources.rbac));
  return plugins;
}
