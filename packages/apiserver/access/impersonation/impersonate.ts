import { isForbidden } from '@coxswain/machinery';
import type { Attributes, Authorizer, UserInfo } from '../contract.ts';
import { requireAllowed } from './check.ts';
import type { WantedUser } from './headers.ts';
import { authorizeIdentity } from './identity.ts';
import { constrainedModes, type ImpersonationMode } from './mode.ts';

/** The verbs by which users were let act as others within limits. */
const constraints = new WeakMap<UserInfo, string>();

/** The verb of the constrained mode that let somebody act as this user; undefined where it was none. */
export function impersonationConstraint(user: UserInfo): string | undefined {
  return constraints.get(user);
}

/**
 * Lets a user act as another when it may: the constrained modes first, then the old all-embracing verb.
 * @param attributes the request that is to be made, with the requestor as its user
 * @throws {StatusError} the 403 of the first mode that applies, when none lets it
 */
export async function impersonate(
  authorizer: Authorizer,
  wanted: WantedUser,
  attributes: Attributes,
): Promise<UserInfo> {
  const requestor = attributes.user;
  const attempts = [
    ...constrainedModes
      .filter((mode) => mode.applies(wanted, requestor))
      .map((mode) => () => constrained(authorizer, mode, wanted, attributes)),
    () => authorizeIdentity({ authorizer, verb: 'impersonate', constrained: false, requestor }, wanted),
  ];
  let refusal: unknown;
  for (const attempt of attempts) {
    try {
      return await attempt();
    } catch (error) {
      if (!isForbidden(error)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

async function constrained(
  authorizer: Authorizer,
  mode: ImpersonationMode,
  wanted: WantedUser,
  attributes: Attributes,
): Promise<UserInfo> {
  const associated = mode.name === 'associated-node';
  const requestor = associated ? withoutExtraValues(attributes.user) : attributes.user;
  await requireAllowed(authorizer, {
    ...attributes,
    user: requestor,
    verb: `impersonate-on:${mode.name}:${attributes.verb}`,
  });
  const verb = `impersonate:${mode.name}`;
  const node = associated ? { nodeName: '*' } : {};
  const user = await authorizeIdentity({ authorizer, verb, constrained: true, requestor, ...node }, wanted);
  constraints.set(user, verb);
  return user;
}

/**
 * An associated-node decision must hold for the account on every node, so that authorizers see only which
 * extra keys there are.
 */
function withoutExtraValues(user: UserInfo): UserInfo {
  const keys = Object.keys(user.extra ?? {}).sort();
  return { ...user, extra: { 'authentication.kubernetes.io/associated-node-keys': keys } };
}
