import { validateReviewedFields, validateReviewedLabels } from '@coxswain/api';
import {
  type FieldError,
  FieldPath,
  invalid,
  type KubeObject,
  newBadRequest,
  newInvalid,
  required,
} from '@coxswain/machinery';
import type { Authorizer, UserInfo } from '../contract.ts';
import { reviewedAttributes, reviewedUser } from './attributes.ts';

// upstream validates before the kind is known, so that its text has none
const kind = { group: 'authorization.k8s.io', kind: '' } as const;
const specPath = FieldPath.root('spec');

/** Answers SelfSubjectAccessReview. */
export function reviewSelfAccess(
  authorizer: Authorizer,
  review: KubeObject,
  user: UserInfo,
): Promise<KubeObject> {
  const spec = review['spec'] ?? {};
  const errors = [...selfErrors(spec), ...metadataErrors(review)];
  if (errors.length > 0) throw newInvalid(kind, '', errors);
  return answer(authorizer, review, user);
}

/** Answers SubjectAccessReview. */
export function reviewAccess(authorizer: Authorizer, review: KubeObject): Promise<KubeObject> {
  const spec = review['spec'] ?? {};
  const errors = [...subjectErrors(spec), ...metadataErrors(review)];
  if (errors.length > 0) throw newInvalid(kind, '', errors);
  return answer(authorizer, review, reviewedUser(spec));
}

/** Answers LocalSubjectAccessReview of a namespace. */
export function reviewLocalAccess(
  authorizer: Authorizer,
  review: KubeObject,
  namespace: string,
): Promise<KubeObject> {
  const spec = review['spec'] ?? {};
  const errors = [...subjectErrors(spec), ...localErrors(review, spec)];
  if (errors.length > 0) throw newInvalid(kind, '', errors);
  if (namespace !== (review.metadata.namespace ?? '')) {
    throw newBadRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  }
  return answer(authorizer, review, reviewedUser(spec));
}

async function answer(authorizer: Authorizer, review: KubeObject, user: UserInfo): Promise<KubeObject> {
  const { attributes, faults } = reviewedAttributes(review['spec'] ?? {}, user);
  const { decision, reason, error } = await authorizer.authorize(attributes);
  const evaluation = [...(error === undefined ? [] : [error]), ...faults].join('; ');
  return {
    ...review,
    status: {
      allowed: decision === 'allow',
      ...(decision === 'deny' ? { denied: true } : {}),
      ...(reason === '' ? {} : { reason }),
      ...(evaluation === '' ? {} : { evaluationError: evaluation }),
    },
  };
}

type Spec = Readonly<Record<string, any>>;

function selfErrors(spec: Spec): FieldError[] {
  return [...kindErrors(spec), ...resourceErrors(spec['resourceAttributes'])];
}

function subjectErrors(spec: Spec): FieldError[] {
  const errors = kindErrors(spec);
  if (!spec['user'] && !spec['groups']?.length) {
    const detail = 'at least one of user or group must be specified';
    errors.push(invalid(specPath.child('user'), spec['user'] ?? '', detail));
  }
  return [...errors, ...resourceErrors(spec['resourceAttributes'])];
}

function kindErrors({ resourceAttributes: resource, nonResourceAttributes: url }: Spec): FieldError[] {
  if (resource && url) {
    const detail = 'cannot be specified in combination with resourceAttributes';
    return [invalid(specPath.child('nonResourceAttributes'), goUrl(url), detail)];
  }
  if (resource || url) return [];
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalid(specPath.child('resourceAttributes'), null, detail)];
}

function resourceErrors(resource: Spec | undefined): FieldError[] {
  const path = specPath.child('resourceAttributes');
  return [
    ...selectorErrors(resource?.['fieldSelector'], path.child('fieldSelector'), validateReviewedFields),
    ...selectorErrors(resource?.['labelSelector'], path.child('labelSelector'), validateReviewedLabels),
  ];
}

function selectorErrors(
  selector: Spec | undefined,
  path: FieldPath,
  validate: (errors: FieldError[], requirement: any, path: FieldPath) => void,
): FieldError[] {
  if (selector === undefined || selector === null) return [];
  const errors: FieldError[] = [];
  const raw: string = selector['rawSelector'] ?? '';
  const requirements: readonly Spec[] = selector['requirements'] ?? [];
  if (raw !== '' && requirements.length > 0) {
    errors.push(
      invalid(path.child('rawSelector'), raw, 'may not specified at the same time as requirements'),
    );
  }
  if (raw === '' && requirements.length === 0) {
    const detail = `when ${path} is specified, requirements or rawSelector is required`;
    errors.push(required(path.child('requirements'), detail));
  }
  requirements.forEach((one, i) => {
    validate(errors, one, path.child('requirements').index(i));
  });
  return errors;
}

function metadataErrors(review: KubeObject): FieldError[] {
  const { managedFields: _managed, ...others } = review.metadata;
  if (Object.keys(others).length === 0) return [];
  return [invalid(FieldPath.root('metadata'), review.metadata, 'must be empty')];
}

function localErrors(review: KubeObject, spec: Readonly<Record<string, any>>): FieldError[] {
  const errors: FieldError[] = [];
  const { namespace = '', managedFields: _managed, ...others } = review.metadata;
  if (Object.keys(others).length > 0) {
    errors.push(invalid(FieldPath.root('metadata'), review.metadata, 'must be empty except for namespace'));
  }
  const resource = spec['resourceAttributes'];
  if (resource && (resource['namespace'] ?? '') !== namespace) {
    const path = specPath.child('resourceAttributes', 'namespace');
    errors.push(invalid(path, resource['namespace'] ?? '', 'must match metadata.namespace'));
  }
  if (spec['nonResourceAttributes']) {
    const path = specPath.child('nonResourceAttributes');
    const shown = goUrl(spec['nonResourceAttributes']);
    errors.push(invalid(path, shown, 'disallowed on this kind of request'));
  }
  return errors;
}

/** Upstream shows its internal type, whose fields bear Go's names. */
function goUrl(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return { Path: attributes['path'] ?? '', Verb: attributes['verb'] ?? '' };
}
