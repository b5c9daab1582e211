import { allResources, type UpdatePolicy, updatePolicyOf } from '@coxswain/api';
import type { GroupResource } from '@coxswain/machinery';

/** What happens to dependents when the caller says nothing. */
export type GarbageCollectionPolicy = 'background' | 'orphan' | 'unsupported';

/** How a resource's storage behaves, where it differs from most. */
export interface Traits {
  /** PUT to a name that is not there creates. */
  readonly createOnUpdate: boolean;
  /** PUT without a resourceVersion replaces whatever is there. */
  readonly unconditionalUpdate: boolean;
  /** DELETE answers with the object and not with a Status. */
  readonly returnDeletedObject: boolean;
  readonly garbageCollection: GarbageCollectionPolicy;
  /** Stored objects vanish by themselves after a time (`RegistryContext.eventTtlSeconds`). */
  readonly expires: boolean;
}

const returnsDeletedObject = new Set([
  '/persistentvolumeclaims',
  '/persistentvolumes',
  '/pods',
  '/podtemplates',
  '/resourcequotas',
  '/serviceaccounts',
  '/services',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/csistoragecapacities',
  'storage.k8s.io/storageclasses',
  'storage.k8s.io/volumeattachments',
]);

const garbageCollection: Readonly<Record<string, GarbageCollectionPolicy>> = {
  '/events': 'unsupported',
  'events.k8s.io/events': 'unsupported',
  '/replicationcontrollers': 'orphan',
  'batch/jobs': 'orphan',
};

const expiring = new Set(['/events', 'events.k8s.io/events']);

const known = new Map<string, Traits>();

/** Which updates a resource takes; resources that are not built in always say which version they update. */
function updatesOf(key: string): UpdatePolicy {
  if (policies.size === 0) {
    for (const fact of allResources()) policies.set(`${fact.group}/${fact.resource}`, updatePolicyOf(fact));
  }
  return policies.get(key) ?? customUpdates;
}

const policies = new Map<string, UpdatePolicy>();
const customUpdates: UpdatePolicy = { allowCreateOnUpdate: false, allowUnconditionalUpdate: false };

/** The traits of a resource. */
export function traitsOf({ group, resource }: GroupResource): Traits {
  const key = `${group}/${resource}`;
  let traits = known.get(key);
  if (traits === undefined) {
    const updates = updatesOf(key);
    traits = {
      createOnUpdate: updates.allowCreateOnUpdate,
      unconditionalUpdate: updates.allowUnconditionalUpdate,
      returnDeletedObject: returnsDeletedObject.has(key),
      garbageCollection: garbageCollection[key] ?? 'background',
      expires: expiring.has(key),
    };
    known.set(key, traits);
  }
  return traits;
}
