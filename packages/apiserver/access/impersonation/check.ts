import { forbiddenError } from '../authorization/forbidden.ts';
import type { Attributes, Authorizer, UserInfo } from '../contract.ts';

const authentication = { group: 'authentication.k8s.io', version: 'v1' } as const;
const core = { group: '', version: 'v1' } as const;

/** Names the right to be someone: verb on `users`, `groups`, `uids`, `userextras`, ... */
export function identityAttributes(
  requestor: UserInfo,
  group: 'core' | 'authentication',
  verb: string,
  resource: string,
  name: string,
  rest: { readonly namespace?: string; readonly subresource?: string } = {},
): Attributes {
  return {
    ...(group === 'core' ? core : authentication),
    user: requestor,
    verb,
    resource,
    name,
    namespace: rest.namespace ?? '',
    subresource: rest.subresource ?? '',
    resourceRequest: true,
    path: '',
  };
}

/** Resolves when allowed. @throws {StatusError} 403 about these attributes otherwise */
export async function requireAllowed(authorizer: Authorizer, attributes: Attributes): Promise<void> {
  const decision = await authorizer.authorize(attributes);
  if (decision.decision !== 'allow') throw forbiddenError(attributes, decision.reason);
}

/** Whether it is allowed, for checks that may fail without consequence. */
export async function isAllowed(authorizer: Authorizer, attributes: Attributes): Promise<boolean> {
  return (await authorizer.authorize(attributes)).decision === 'allow';
}
