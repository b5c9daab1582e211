import type { AccessChecker, Asked, Verdict } from '@coxswain/cel';
import type { Authorizer, UserInfo } from '../../access/contract.ts';
import { PendingDecision } from './pending-decision.ts';

/** What a user may, for expressions. */
export class UserAccess implements AccessChecker {
  readonly #authorizer: Authorizer;
  readonly #user: UserInfo;

  constructor(authorizer: Authorizer, user: UserInfo) {
    this.#authorizer = authorizer;
    this.#user = user;
  }

  check(asked: Asked, verb: string): Verdict {
    const attributes = { ...asked, user: this.#user, verb };
    const made = this.#authorizer.authorize(attributes);
    if (made instanceof Promise) throw new PendingDecision(attributes, made);
    return { allowed: made.decision === 'allow', reason: made.reason, error: made.error ?? '' };
  }

  as(namespace: string, name: string): AccessChecker {
    return new UserAccess(this.#authorizer, {
      name: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    });
  }
}
