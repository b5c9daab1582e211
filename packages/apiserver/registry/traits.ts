import { allResources } from '@coxswain/api';
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
  /** Stored objects vanish by themselves after so many seconds; 0: never. */
  readonly ttlSeconds: number;
}

const createOnUpdate = new Set([
  '/endpoints',
  '/events',
  '/limitranges',
  '/services',
  'coordination.k8s.io/leases',
  'events.k8s.io/events',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/roles',
]);

const conditionalUpdate = new Set([
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/validatingwebhookconfigurations',
  'apiextensions.k8s.io/customresourcedefinitions',
  'apiregistration.k8s.io/apiservices',
  'coordination.k8s.io/leasecandidates',
  'coordination.k8s.io/leases',
  'node.k8s.io/runtimeclasses',
  'policy/poddisruptionbudgets',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/volumeattachments',
]);

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

/** Upstream keeps events for one hour. */
const eventTtlSeconds = 3600;

const known = new Map<string, Traits>();

let builtIn: ReadonlySet<string> | undefined;

/** Resources that are not built in always say which version they update. */
function isBuiltIn(key: string): boolean {
  builtIn ??= new Set(allResources().map((fact) => `${fact.group}/${fact.resource}`));
  return builtIn.has(key);
}

/** The traits of a resource. */
export function traitsOf({ group, resource }: GroupResource): Traits {
  const key = `${group}/${resource}`;
  let traits = known.get(key);
  if (traits === undefined) {
    traits = {
      createOnUpdate: createOnUpdate.has(key),
      unconditionalUpdate: isBuiltIn(key) && !conditionalUpdate.has(key),
      returnDeletedObject: returnsDeletedObject.has(key),
      garbageCollection: garbageCollection[key] ?? 'background',
      ttlSeconds: resource === 'events' ? eventTtlSeconds : 0,
    };
    known.set(key, traits);
  }
  return traits;
}
