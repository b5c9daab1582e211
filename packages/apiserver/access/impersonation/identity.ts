import { aggregate, domainPrefixedPathFaults, FieldPath, goQuote, invalid } from '@coxswain/machinery';
import { forbiddenError } from '../authorization/forbidden.ts';
import type { Authorizer, UserInfo } from '../contract.ts';
import {
  asAuthenticated,
  groups,
  serviceAccountGroups,
  splitServiceAccountUserName,
  users,
  withGroup,
} from '../users.ts';
import { identityAttributes, isAllowed, requireAllowed } from './check.ts';
import type { WantedUser } from './headers.ts';
import { impersonatedNode } from './mode.ts';

/** From so many groups or extras on, one question for all of them is asked first. */
const manyChecks = 4;

/** Who asks to be whom, under which verb: `impersonate`, or `impersonate:MODE` of a constrained mode. */
export interface IdentityCheck {
  readonly authorizer: Authorizer;
  readonly verb: string;
  readonly constrained: boolean;
  readonly requestor: UserInfo;
  /** The node name to ask about in place of the real one. */
  readonly nodeName?: string;
}

/** Checks every part of the wanted identity and gives the user. Throws the 403 of the first part refused. */
export async function authorizeIdentity(check: IdentityCheck, wanted: WantedUser): Promise<UserInfo> {
  const userGroups = await authorizeName(check, wanted);
  if (wanted.uid !== '') {
    await requireAllowed(check.authorizer, attributes(check, 'authentication', 'uids', wanted.uid));
  }
  await authorizeGroups(check, wanted.groups);
  await authorizeExtra(check, wanted.extra);
  const user: UserInfo = {
    name: wanted.name,
    ...(wanted.uid === '' ? {} : { uid: wanted.uid }),
    groups: userGroups,
    ...(Object.keys(wanted.extra).length === 0 ? {} : { extra: wanted.extra }),
  };
  return user.name === users.anonymous ? withGroup(user, groups.unauthenticated) : asAuthenticated(user);
}

function attributes(
  check: IdentityCheck,
  group: 'core' | 'authentication',
  resource: string,
  name: string,
  rest: { readonly namespace?: string; readonly subresource?: string } = {},
) {
  return identityAttributes(check.requestor, group, check.verb, resource, name, rest);
}

/** Names and groups are core resources for the old verb, authentication.k8s.io ones for the constrained. */
function nameGroup(check: IdentityCheck): 'core' | 'authentication' {
  return check.constrained ? 'authentication' : 'core';
}

async function authorizeName(check: IdentityCheck, wanted: WantedUser): Promise<readonly string[]> {
  const group = nameGroup(check);
  const node = check.constrained ? impersonatedNode(wanted.name) : undefined;
  if (node !== undefined) {
    await requireAllowed(check.authorizer, attributes(check, group, 'nodes', check.nodeName ?? node));
    return [groups.nodes];
  }
  const account = splitServiceAccountUserName(wanted.name);
  if (account === undefined) {
    await requireAllowed(check.authorizer, attributes(check, group, 'users', wanted.name));
    return wanted.groups;
  }
  const { namespace, name } = account;
  await requireAllowed(check.authorizer, attributes(check, group, 'serviceaccounts', name, { namespace }));
  return wanted.groups.length === 0 ? serviceAccountGroups(namespace) : wanted.groups;
}

async function authorizeGroups(check: IdentityCheck, wanted: readonly string[]): Promise<void> {
  if (wanted.length === 0) return;
  const about = (name: string) => attributes(check, nameGroup(check), 'groups', name);
  if (check.constrained) {
    if (wanted.includes('')) {
      throw forbiddenError(about(''), 'impersonating the empty string group is not allowed');
    }
    if (wanted.includes(groups.masters)) {
      throw forbiddenError(about(groups.masters), 'impersonating the system:masters group is not allowed');
    }
    if (wanted.length >= manyChecks && (await isAllowed(check.authorizer, about('*')))) return;
  }
  for (const group of wanted) await requireAllowed(check.authorizer, about(group));
}

async function authorizeExtra(check: IdentityCheck, extra: WantedUser['extra']): Promise<void> {
  const entries = Object.entries(extra);
  if (entries.length === 0) return;
  const about = (subresource: string, name: string) =>
    attributes(check, 'authentication', 'userextras', name, { subresource });
  if (check.constrained) {
    const fault = extraFault(entries);
    if (fault !== undefined) throw forbiddenError(about('', ''), fault);
    const count = entries.reduce((sum, [, values]) => sum + values.length, 0);
    const many = entries.length >= manyChecks || count >= manyChecks;
    if (many && (await isAllowed(check.authorizer, about('*', '*')))) return;
  }
  for (const [key, values] of entries) {
    for (const value of values) await requireAllowed(check.authorizer, about(key, value));
  }
}

function extraFault(entries: readonly (readonly [string, readonly string[]])[]): string | undefined {
  for (const [key, values] of entries) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const faults = domainPrefixedPathFaults(key).map(({ part, text }) =>
      invalid(FieldPath.root('extra', 'key'), part, text),
    );
    if (faults.length > 0) {
      return `impersonating an invalid key in extra is not allowed: ${aggregate(faults)}`;
    }
    if (key !== key.toLowerCase()) {
      return `impersonating a non-lowercase key in extra is not allowed: ${goQuote(key)}`;
    }
    if (values.length === 0) return 'impersonating empty values in extra is not allowed';
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}
