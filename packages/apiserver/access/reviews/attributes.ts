import type { Attributes, UserInfo } from '../contract.ts';

/** The question of a SubjectAccessReview spec as the authorizers take it. */
export function reviewAttributes(spec: Readonly<Record<string, any>>, user: UserInfo): Attributes {
  const resource = spec['resourceAttributes'];
  const url = spec['nonResourceAttributes'];
  const requirements = (selector: any): string | undefined => selectorText(selector);
  const fieldSelector = requirements(resource?.['fieldSelector']);
  const labelSelector = requirements(resource?.['labelSelector']);
  return {
    user,
    verb: (resource ?? url)?.['verb'] ?? '',
    resourceRequest: resource !== undefined,
    path: url?.['path'] ?? '',
    group: resource?.['group'] ?? '',
    version: resource?.['version'] ?? '',
    resource: resource?.['resource'] ?? '',
    subresource: resource?.['subresource'] ?? '',
    namespace: resource?.['namespace'] ?? '',
    name: resource?.['name'] ?? '',
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

/** A selector of a review as query text; requirements that no text can say are left out (which asks for more). */
function selectorText(selector: any): string | undefined {
  if (selector === undefined || selector === null) return undefined;
  if (selector['rawSelector']) return selector['rawSelector'];
  const parts = (selector['requirements'] ?? []).flatMap((r: any): string[] => {
    const values: readonly string[] = r['values'] ?? [];
    if (r['operator'] === 'In' && values.length === 1) return [`${r['key']}=${values[0]}`];
    if (r['operator'] === 'NotIn' && values.length === 1) return [`${r['key']}!=${values[0]}`];
    return [];
  });
  return parts.length === 0 ? undefined : parts.join(',');
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
