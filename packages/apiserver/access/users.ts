import { isDNS1123Label, isDNS1123Subdomain } from '@coxswain/machinery';
import type { UserInfo } from './contract.ts';

/** Well-known users and groups of upstream. */
export const users = { anonymous: 'system:anonymous', apiServer: 'system:apiserver' } as const;

export const groups = {
  masters: 'system:masters',
  authenticated: 'system:authenticated',
  unauthenticated: 'system:unauthenticated',
  nodes: 'system:nodes',
  bootstrappers: 'system:bootstrappers',
  serviceAccounts: 'system:serviceaccounts',
} as const;

/** Extra keys that credentials give their users. */
export const extraKeys = {
  podName: 'authentication.kubernetes.io/pod-name',
  podUid: 'authentication.kubernetes.io/pod-uid',
  nodeName: 'authentication.kubernetes.io/node-name',
  nodeUid: 'authentication.kubernetes.io/node-uid',
  credentialId: 'authentication.kubernetes.io/credential-id',
} as const;

/** The user with one more group; the same object when it has it already. */
export function withGroup(user: UserInfo, group: string): UserInfo {
  return user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] };
}

/** Adds `system:authenticated` to everyone but the anonymous user. */
export function asAuthenticated(user: UserInfo): UserInfo {
  if (user.name === users.anonymous || user.groups.includes(groups.unauthenticated)) return user;
  return withGroup(user, groups.authenticated);
}

const serviceAccountPrefix = 'system:serviceaccount:';

export function serviceAccountUserName(namespace: string, name: string): string {
  return `${serviceAccountPrefix}${namespace}:${name}`;
}

export function serviceAccountGroups(namespace: string): readonly string[] {
  return [groups.serviceAccounts, `${groups.serviceAccounts}:${namespace}`];
}

/** Namespace and name of a service account's user name; `undefined` for every other name, also where no account could bear it. */
export function splitServiceAccountUserName(
  userName: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!userName.startsWith(serviceAccountPrefix)) return undefined;
  const parts = userName.slice(serviceAccountPrefix.length).split(':');
  const [namespace, name] = parts;
  if (parts.length !== 2 || namespace === undefined || name === undefined) return undefined;
  if (isDNS1123Label(namespace).length > 0 || isDNS1123Subdomain(name).length > 0) return undefined;
  return { namespace, name };
}

const nodePrefix = 'system:node:';

/**
 * The node that a user is: the name after `system:node:` of a member of `system:nodes`; `''` when such a
 * member has no node name, `undefined` for everyone else.
 */
export function nodeOf(user: UserInfo): string | undefined {
  if (!user.name.startsWith(nodePrefix) || !user.groups.includes(groups.nodes)) return undefined;
  return user.name.slice(nodePrefix.length);
}

/** What a node's user name names; `undefined` for every other name. */
export function nodeNameOfUserName(userName: string): string | undefined {
  return userName.startsWith(nodePrefix) ? userName.slice(nodePrefix.length) : undefined;
}
