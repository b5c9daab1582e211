import {
  validateClusterTrustBundle,
  validateClusterTrustBundleUpdate,
} from '../validation/certificates/cluster-trust-bundle.ts';
import {
  validatePodCertificateRequest,
  validatePodCertificateRequestUpdate,
} from '../validation/certificates/pod-certificate-request.ts';
import { validatePodCertificateRequestStatus } from '../validation/certificates/pod-certificate-status.ts';
import {
  validateSigningRequest,
  validateSigningRequestUpdate,
} from '../validation/certificates/signing-request.ts';
import { anyName, pathSegmentName } from '../validation/names.ts';
import { validateRole, validateRoleBinding, validateRoleBindingUpdate } from '../validation/rbac/rbac.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { carryOver, resetMetaForStatus } from './generic.ts';

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
  update: { asNew: true, prepare: dropEmptyRules },
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
  update: { asNew: true, validate: validateRoleBindingUpdate },
};

export const signingRequestRules: KindRules = {
  name: anyName,
  metaLast: true,
  allowUnconditionalUpdate: true,
  validate: validateSigningRequest,
  update: {
    prepare: (request, old) => carryOver(request, old, 'spec'),
    validate: (errs, request, old) => validateSigningRequestUpdate(errs, request, old, {}),
  },
  subresources: {
    status: {
      prepare: (request, old, { now }) => {
        const conditions: Json[] = request['status']?.conditions ?? [];
        keepDecisions(conditions, old['status']?.conditions ?? []);
        stampConditions(conditions, old['status']?.conditions ?? [], now);
      },
      validate: (errs, request, old) => {
        validateSigningRequestUpdate(errs, request, old, { certificate: true });
      },
    },
    approval: {
      prepare: (request, old, { now }) => {
        carryOver(request, old, 'spec');
        const conditions: Json[] | undefined = request['status']?.conditions;
        stampConditions(conditions ?? [], old['status']?.conditions ?? [], now);
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

export const trustBundleRules: KindRules = {
  checksMeta: true,
  validate: validateClusterTrustBundle,
  update: { validate: validateClusterTrustBundleUpdate },
};

export const podCertificateRequestRules: KindRules = {
  defaults: (request) => {
    // a day
    ensure(request, 'spec')['maxExpirationSeconds'] ??= 86_400;
  },
  validate: validatePodCertificateRequest,
  update: { validate: validatePodCertificateRequestUpdate },
  subresources: { status: { prepare: resetMetaForStatus, validate: validatePodCertificateRequestStatus } },
};

/** preserveConditionInstances: decisions stay as they are, unless one is added or removed, which is refused. */
function keepDecisions(conditions: Json[], before: readonly Json[]): void {
  for (const type of ['Approved', 'Denied']) {
    const old = before.filter((condition) => condition['type'] === type);
    const places = conditions.flatMap((condition, i) => (condition['type'] === type ? [i] : []));
    if (old.length !== places.length) continue;
    places.forEach((place, i) => {
      conditions[place] = { ...old[i] };
    });
  }
}

/** populateConditionTimestamps: conditions that come without times get them; a state that stays keeps its own. */
function stampConditions(conditions: Json[], before: readonly Json[], now: string): void {
  for (const condition of conditions) {
    condition['lastUpdateTime'] ??= now;
    if (condition['lastTransitionTime'] != null) continue;
    const old = before.find((c) => c['type'] === condition['type'] && c['status'] === condition['status']);
    condition['lastTransitionTime'] = old?.['lastTransitionTime'] ?? now;
  }
}
