import {
  validateAdmissionPolicy,
  validateAdmissionPolicyStatus,
  validateMutatingPolicy,
  validatePolicyBinding,
} from '../validation/admission/admission-policy.ts';
import { validateWebhookConfiguration } from '../validation/admission/webhook-configuration.ts';
import type { Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { resetMetaForStatus } from './generic.ts';

function defaultRules(rules: readonly Json[] | undefined): void {
  for (const rule of rules ?? []) rule['scope'] ??= '*';
}

function defaultMatch(match: Json | undefined): void {
  if (!match) return;
  match['matchPolicy'] ??= 'Equivalent';
  match['namespaceSelector'] ??= {};
  match['objectSelector'] ??= {};
  defaultRules(match['resourceRules']);
  defaultRules(match['excludeResourceRules']);
}

export const webhookConfigurationRules: KindRules = {
  standardFinalizers: false,
  generation: true,
  defaults: (configuration) => {
    for (const hook of configuration['webhooks'] ?? []) {
      hook.failurePolicy ??= 'Fail';
      hook.matchPolicy ??= 'Equivalent';
      hook.namespaceSelector ??= {};
      hook.objectSelector ??= {};
      hook.timeoutSeconds ??= 10;
      if (configuration['kind'] === 'MutatingWebhookConfiguration') hook.reinvocationPolicy ??= 'Never';
      if (hook.clientConfig?.service) hook.clientConfig.service.port ??= 443;
      defaultRules(hook.rules);
    }
  },
  validate: validateWebhookConfiguration,
  update: { metaOnce: true, validate: (errs, object) => validateWebhookConfiguration(errs, object) },
};

function defaultPolicy(policy: Json): void {
  const spec: Json | undefined = policy['spec'];
  if (!spec) return;
  spec['failurePolicy'] ??= 'Fail';
  defaultMatch(spec['matchConstraints']);
}

export const admissionPolicyRules: KindRules = {
  standardFinalizers: false,
  generation: true,
  defaults: defaultPolicy,
  validate: validateAdmissionPolicy,
  subresources: { status: { prepare: resetMetaForStatus, validate: validateAdmissionPolicyStatus } },
};

export const mutatingPolicyRules: KindRules = {
  standardFinalizers: false,
  generation: true,
  defaults: defaultPolicy,
  validate: validateMutatingPolicy,
};

export const policyBindingRules: KindRules = {
  standardFinalizers: false,
  generation: true,
  defaults: (binding) => {
    defaultMatch(binding['spec']?.matchResources);
    const ref: Json | undefined = binding['spec']?.paramRef;
    // only the first version knew a default
    if (ref && String(binding['apiVersion']).endsWith('/v1alpha1')) ref['parameterNotFoundAction'] ??= 'Deny';
  },
  validate: validatePolicyBinding,
};
