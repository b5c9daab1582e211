import type { ResourceFact } from '@coxswain/machinery';

/** Metadata that an endpoint for the status of these resources does not own either. */
const statusResetsMetadata: Readonly<Record<string, readonly string[]>> = {
  '/pods': ['metadata.deletionTimestamp', 'metadata.ownerReferences'],
  'apps/deployments': ['metadata.labels'],
  'certificates.k8s.io/certificatesigningrequests': [],
  'networking.k8s.io/networkpolicies': ['metadata'],
  'apiextensions.k8s.io/customresourcedefinitions': ['metadata'],
  'apiregistration.k8s.io/apiservices': ['metadata'],
  'resource.k8s.io/resourceclaims': ['metadata'],
  'admissionregistration.k8s.io/validatingadmissionpolicies': ['metadata'],
};

const none: readonly string[] = [];
const statusOnly: readonly string[] = ['status'];

/**
 * Dotted paths that the strategy of an endpoint resets, which therefore nobody can own by writing through it:
 * the status through the object itself, the spec through its status.
 */
export function ignoredFieldsOf(fact: ResourceFact, subresource: string): readonly string[] {
  if (subresource === '') return fact.subresources.has('status') ? statusOnly : none;
  if (subresource !== 'status') return none;
  return ['spec', ...(statusResetsMetadata[`${fact.group}/${fact.resource}`] ?? [])];
}
