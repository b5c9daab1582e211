import {
  validateSigningRequest,
  validateSigningRequestUpdate,
} from '../validation/certificates/signing-request.ts';
import { pathSegmentName } from '../validation/names.ts';
import { validateRole, validateRoleBinding, validateRoleBindingUpdate } from '../validation/rbac/rbac.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { carryOver } from './generic.ts';

const group = 'rbac.authorization.k8s.io';

/** A list without entries is stored as none. */
function dropEmptyRules(role: Json): void {
  if (role['rules']?.length === 0) role['rules'] = null;
}

export const roleRules: KindRules = {
  name: pathSegmentName,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  prepareForCreate: dropEmptyRules,
  validate: validateRole,
  update: { prepare: dropEmptyRules },
};

export const roleBindingRules: KindRules = {
  name: pathSegmentName,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: true,
  defaults: (binding) => {
    const ref: Json = ensure(binding, 'roleRef');
    ref['apiGroup'] ||= group;
    for (const subject of binding['subjects'] ?? []) {
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= group;
    }
  },
  validate: validateRoleBinding,
  update: { validate: validateRoleBindingUpdate },
};

export const signingRequestRules: KindRules = {
  // upstream does not care what requests are called, as long as a URL can say it
  name: pathSegmentName,
  allowUnconditionalUpdate: true,
  validate: validateSigningRequest,
  update: {
    prepare: (request, old) => carryOver(request, old, 'spec'),
    validate: (errs, request, old) => validateSigningRequestUpdate(errs, request, old, {}),
  },
  subresources: {
    status: {
      prepare: (request, old) => {
        const conditions: Json[] = request['status']?.conditions ?? [];
        stampConditions(conditions, old['status']?.conditions ?? []);
      },
      validate: (errs, request, old) => {
        validateSigningRequestUpdate(errs, request, old, { certificate: true });
      },
    },
    approval: {
      prepare: (request, old) => {
        carryOver(request, old, 'spec');
        const conditions: Json[] | undefined = request['status']?.conditions;
        // a decision changes conditions, nothing else
        request['status'] = { ...old['status'] };
        if (conditions) request['status'].conditions = conditions;
        else delete request['status'].conditions;
      },
      validate: (errs, request, old) => {
        validateSigningRequestUpdate(errs, request, old, { approval: true });
      },
    },
  },
};

/** Conditions that come without times keep those they had. */
function stampConditions(conditions: Json[], before: readonly Json[]): void {
  for (const condition of conditions) {
    const old = before.find((c) => c['type'] === condition['type'] && c['status'] === condition['status']);
    if (old === undefined) continue;
    condition['lastTransitionTime'] ??= old['lastTransitionTime'];
    if (condition['lastTransitionTime'] === undefined) delete condition['lastTransitionTime'];
  }
}
