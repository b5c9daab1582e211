import { typeOfKind } from '@coxswain/api';
import type { Access } from '../access/access.ts';
import { applyTokenRequestDefaults } from '../access/service-accounts/token-issuer.ts';
import { admissionAttributes } from './admission.ts';
import { decodeObject } from './body/decode-body.ts';
import { ensureNamespace } from './create.ts';
import { trackCreate, trackOf } from './managed-fields/managed-fields.ts';
import { validateWriteOptions } from './options/options.ts';
import type { SpecialHandler } from './specials.ts';

const tokenRequestKind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };

/** The resources whose creation asks a question: token and access reviews. */
export const reviewResources = [
  'tokenreviews.authentication.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
  'selfsubjectaccessreviews.authorization.k8s.io',
  'localsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
] as const;

/** Answers a review. */
export function reviewHandler(access: Access): SpecialHandler {
  return async (context, request) => {
    validateWriteOptions(request, 'CreateOptions');
    const { resource } = request;
    const review = decodeObject(request, resource.fact, resource.fact.type);
    ensureNamespace(request, review);
    await trackCreate(context, request, review);
    const attributes = admissionAttributes(request, 'CREATE', { object: review });
    await context.admission.admit(attributes);
    await context.admission.validate(attributes);
    const object = await access.review({
      resource: resource.groupResource,
      namespace: request.namespace,
      object: review,
      user: request.user,
    });
    return { kind: 'object', status: 201, object };
  };
}

/** `serviceaccounts/NAME/token`: issues a token. */
export function tokenHandler(access: Access): SpecialHandler {
  return async (context, request) => {
    validateWriteOptions(request, 'CreateOptions');
    const type = typeOfKind(tokenRequestKind);
    if (type === undefined) throw new Error('issuing a token: there are no facts of TokenRequest');
    const tokenRequest = decodeObject(request, tokenRequestKind, type);
    applyTokenRequestDefaults(tokenRequest);
    trackOf(context, request, undefined, tokenRequest, type);
    const attributes = admissionAttributes(request, 'CREATE', {
      object: tokenRequest,
      kind: tokenRequestKind,
    });
    await context.admission.admit(attributes);
    await context.admission.validate(attributes);
    const { namespace, name, warn, audit } = request;
    const object = access.tokens.create(namespace, name, tokenRequest, warn, audit);
    return { kind: 'object', status: 201, object };
  };
}
