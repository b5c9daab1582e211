import {
  validateAdmissionPolicy,
  validateAdmissionPolicyStatus,
} from '../validation/admission/admission-policy.ts';
import { validateMutatingPolicy } from '../validation/admission/mutating-policy.ts';
import { validateMutatingBinding, validatePolicyBinding } from '../validation/admission/policy-binding.ts';
import {
  validateWebhookConfiguration,
  validateWebhookConfigurationUpdate,
} from '../validation/admission/webhook-configuration.ts';
import type { Errors, Json } from '../validation/values.ts';
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
  validate: (errs, configuration, { expressionFaults }) =>
    validateWebhookConfiguration(errs, configuration, expressionFaults),
  update: {
    metaAsNew: true,
    validate: (errs, configuration, old, { expressionFaults }) =>
      validateWebhookConfigurationUpdate(errs, configuration, old, expressionFaults),
  },
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
  validate: (errs, policy, { expressionFaults }) =>
    validateAdmissionPolicy(errs, policy, undefined, expressionFaults),
  update: {
    metaAsNew: true,
    validate: (errs, policy, old, { expressionFaults }) =>
      validateAdmissionPolicy(errs, policy, old, expressionFaults),
  },
  subresources: {
    status: { prepare: resetMetaForStatus, metaOnce: true, validate: validateAdmissionPolicyStatus },
  },
};

export const mutatingPolicyRules: KindRules = {
  standardFinalizers: false,
  generation: true,
  defaults: defaultPolicy,
  validate: (errs, policy, { expressionFaults }) =>
    validateMutatingPolicy(errs, policy, undefined, expressionFaults),
  update: {
    metaAsNew: true,
    validate: (errs, policy, old, { expressionFaults }) =>
      validateMutatingPolicy(errs, policy, old, expressionFaults),
  },
};

function defaultBinding(binding: Json): void {
  defaultMatch(binding['spec']?.matchResources);
  const ref: Json | undefined = binding['spec']?.paramRef;
  // only the first version knew a default
  if (ref && String(binding['apiVersion']).endsWith('/v1alpha1')) ref['parameterNotFoundAction'] ??= 'Deny';
}

function bindingRules(validate: (errs: Errors, binding: Json) => void): KindRules {
  return {
    standardFinalizers: false,
    generation: true,
    defaults: defaultBinding,
    validate,
    update: { metaAsNew: true, validate },
  };
}

export const policyBindingRules: KindRules = bindingRules(validatePolicyBinding);
export const mutatingBindingRules: KindRules = bindingRules(validateMutatingBinding);
