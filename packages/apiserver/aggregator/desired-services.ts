import type { KubeObject } from '@coxswain/machinery';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type ApiService, apiServiceName, autoManagedLabel } from './api-service.ts';
import { builtInPriority, customPriority, type Priority } from './priorities.ts';

/** How long the server keeps an APIService as it wants it: at its start, or always. */
export type Keeping = 'onstart' | 'true';

/** The group of APIServices themselves, which none stands for. */
const ownGroup = 'apiregistration.k8s.io';

/** The APIService of a version that this server serves. */
export function localService(
  group: string,
  version: string,
  priority: Priority,
  keeping: Keeping,
): ApiService {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: {
      name: apiServiceName(group, version),
      labels: { [autoManagedLabel]: keeping },
    },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: priority.group,
      versionPriority: priority.version,
    },
  };
}

/** Those of the versions that are built in. */
export function builtInServices(resources: ResourceRegistry): ApiService[] {
  const found = new Map<string, ApiService>();
  for (const { custom, fact } of resources.all()) {
    const name = apiServiceName(fact.group, fact.version);
    if (custom !== undefined || fact.group === ownGroup || found.has(name)) continue;
    const priority = builtInPriority(fact.group, fact.version);
    found.set(name, localService(fact.group, fact.version, priority, 'onstart'));
  }
  return [...found.values()];
}

/** Those of the versions that custom resources are served in. */
export function customServices(definitions: readonly KubeObject[]): ApiService[] {
  const found = new Map<string, ApiService>();
  for (const definition of definitions) {
    const { group, versions = [] } = definition['spec'] as {
      group: string;
      versions?: readonly { name: string; served: boolean }[];
    };
    for (const { name: version, served } of versions) {
      if (served) {
        found.set(apiServiceName(group, version), localService(group, version, customPriority, 'true'));
      }
    }
  }
  return [...found.values()];
}

/** What is to be done about one APIService. */
export type Step = 'none' | 'create' | 'update' | 'delete';

/**
 * Compares an APIService with what the server wants. Those that nobody labelled are somebody else's; those that
 * are kept at start only, and were not there then, are left alone. Pure.
 *
 * @param wasThere whether it was there when the server started
 * @param doneOnce whether it was brought into order since
 */
export function stepFor(
  current: ApiService | undefined,
  desired: ApiService | undefined,
  wasThere: boolean,
  doneOnce: boolean,
): Step {
  const wanted = keepingOf(desired);
  if (current === undefined && desired === undefined) return 'none';
  if (wanted === 'onstart' && doneOnce) return 'none';
  if (current === undefined) return 'create';
  const keeping = keepingOf(current);
  if (keeping === undefined) return 'none';
  if (keeping === 'onstart' && (!wasThere || doneOnce)) return 'none';
  if (desired === undefined) return 'delete';
  return sameSpec(current, desired) ? 'none' : 'update';
}

function keepingOf(service: ApiService | undefined): Keeping | undefined {
  const value = service?.metadata.labels?.[autoManagedLabel];
  return value === 'onstart' || value === 'true' ? value : undefined;
}

function sameSpec(current: ApiService, desired: ApiService): boolean {
  const [a, b] = [current.spec, desired.spec];
  return (
    (a.group ?? '') === (b.group ?? '') &&
    a.version === b.version &&
    a.groupPriorityMinimum === b.groupPriorityMinimum &&
    a.versionPriority === b.versionPriority &&
    a.service == null &&
    (a.caBundle ?? '') === '' &&
    a.insecureSkipTLSVerify !== true
  );
}
