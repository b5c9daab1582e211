import { emptySet, type FieldSet, fieldSetOf } from './field-set.ts';

const status = fieldSetOf(['status']);
const spec = fieldSetOf(['spec']);
const specAndStatus = fieldSetOf(['spec'], ['status']);
const specAndMetadata = fieldSetOf(['spec'], ['metadata']);

/** Status endpoints that leave more than the spec as it is. */
const statusResets: Readonly<Record<string, FieldSet>> = {
  pods: fieldSetOf(['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']),
  'deployments.apps': fieldSetOf(['spec'], ['metadata', 'labels']),
  'flowschemas.flowcontrol.apiserver.k8s.io': specAndMetadata,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': specAndMetadata,
  'volumeattachments.storage.k8s.io': specAndMetadata,
  'resourceclaims.resource.k8s.io': specAndMetadata,
};

/**
 * Paths that an endpoint never writes and so never gives an owner for: a resource with a status endpoint does
 * not write its status, the status endpoint does not write its spec.
 * @param resource `plural.group`, or the plural of the core group
 * @param isCustom whether the resource is none of those that are built in
 */
export function resetFields(
  resource: string,
  subresource: string,
  { hasStatus, isCustom }: { readonly hasStatus: boolean; readonly isCustom: boolean },
): FieldSet {
  switch (subresource) {
    case '':
      // A request for a certificate says all at once: nothing in it has an owner.
      if (resource === 'certificatesigningrequests.certificates.k8s.io') return specAndStatus;
      return hasStatus ? status : emptySet;
    case 'status':
      return statusResets[resource] ?? (isCustom ? specAndMetadata : spec);
    case 'approval':
      return fieldSetOf(['spec'], ['status', 'certificate']);
    case 'finalize':
      return status;
    case 'ephemeralcontainers':
    case 'resize':
      return status;
    default:
      return emptySet;
  }
}
