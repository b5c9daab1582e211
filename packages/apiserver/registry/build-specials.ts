import type { Access } from '../access/access.ts';
import {
  mutatingPolicyBindingHooks,
  mutatingPolicyHooks,
  policyBindingHooks,
  policyHooks,
  webhookHooks,
} from '../extensions/admission/policy-hooks.ts';
import { reviewHandler, reviewResources, tokenHandler } from './access-resources.ts';
import { jobHooks } from './deletion/job-deletion.ts';
import { deviceClassHooks, resourceClaimHooks, resourceClaimTemplateHooks } from './devices/device-hooks.ts';
import { namespaceHooks } from './namespaces/namespace-deletion.ts';
import { bindPod } from './pods/binding.ts';
import { evictPod } from './pods/eviction.ts';
import { podHooks } from './pods/pod-deletion.ts';
import { scaleSubresource } from './scale.ts';
import type { ServiceAllocators } from './services/service-allocators.ts';
import { serviceHooks } from './services/service-hooks.ts';
import type { Specials } from './specials.ts';
import { wholeObjectSubresource } from './subresource-update.ts';

/** Registers what is special about the built-in resources. */
export function addBuiltInSpecials(specials: Specials, access: Access, allocators: ServiceAllocators): void {
  for (const subresource of ['status', 'approval', 'finalize', 'ephemeralcontainers', 'resize']) {
    specials.setSubresource('*', subresource, wholeObjectSubresource(subresource));
  }
  specials.setSubresource('*', 'scale', scaleSubresource);
  specials.setHooks('pods', podHooks);
  specials.setSubresource('pods', 'binding', bindPod);
  specials.setSubresource('pods', 'eviction', evictPod);
  specials.setCreation('bindings', bindPod);
  specials.setHooks('namespaces', namespaceHooks);
  specials.setHooks('jobs.batch', jobHooks);
  specials.setHooks('validatingadmissionpolicies.admissionregistration.k8s.io', policyHooks);
  specials.setHooks('mutatingadmissionpolicies.admissionregistration.k8s.io', mutatingPolicyHooks);
  specials.setHooks('validatingadmissionpolicybindings.admissionregistration.k8s.io', policyBindingHooks);
  specials.setHooks(
    'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
    mutatingPolicyBindingHooks,
  );
  for (const kind of ['validating', 'mutating']) {
    specials.setHooks(`${kind}webhookconfigurations.admissionregistration.k8s.io`, webhookHooks);
  }
  specials.setHooks('resourceclaims.resource.k8s.io', resourceClaimHooks);
  specials.setHooks('resourceclaimtemplates.resource.k8s.io', resourceClaimTemplateHooks);
  specials.setHooks('deviceclasses.resource.k8s.io', deviceClassHooks);
  specials.setHooks('services', serviceHooks(allocators));
  specials.setSubresource('serviceaccounts', 'token', tokenHandler(access));
  for (const review of reviewResources) specials.setCreation(review, reviewHandler(access));
}
