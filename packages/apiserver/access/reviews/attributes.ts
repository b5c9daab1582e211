import type { Attributes, UserInfo } from '../contract.ts';
import { reviewedFieldSelector, reviewedLabelSelector } from './selector-attributes.ts';

/** What a review asks, and what of it could not be read. */
export interface ReviewedAttributes {
  readonly attributes: Attributes;
  readonly faults: readonly string[];
}

/** The question of a SubjectAccessReview spec as the authorizers take it. */
export function reviewedAttributes(spec: Readonly<Record<string, any>>, user: UserInfo): ReviewedAttributes {
  const resource = spec['resourceAttributes'];
  const url = spec['nonResourceAttributes'];
  const fields = reviewedFieldSelector(resource?.['fieldSelector']);
  const labels = reviewedLabelSelector(resource?.['labelSelector']);
  const attributes: Attributes = {
    user,
    verb: (resource ?? url)?.['verb'] ?? '',
    resourceRequest: resource !== undefined,
    path: url?.['path'] ?? '',
    group: resource?.['group'] ?? '',
    // who names no version asks about all of them
    version: resource === undefined ? '' : resource['version'] || '*',
    resource: resource?.['resource'] ?? '',
    subresource: resource?.['subresource'] ?? '',
    namespace: resource?.['namespace'] ?? '',
    name: resource?.['name'] ?? '',
    ...(fields.text === undefined ? {} : { fieldSelector: fields.text }),
    ...(labels.text === undefined ? {} : { labelSelector: labels.text }),
  };
  return { attributes, faults: [fields.fault, labels.fault].filter((fault) => fault !== undefined) };
}

/** The user whom a SubjectAccessReview asks about. */
export function reviewedUser(spec: Readonly<Record<string, any>>): UserInfo {
  return {
    name: spec['user'] ?? '',
    ...(spec['uid'] ? { uid: spec['uid'] } : {}),
    groups: spec['groups'] ?? [],
    ...(spec['extra'] ? { extra: spec['extra'] } : {}),
  };
}
