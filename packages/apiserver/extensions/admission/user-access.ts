import { type AccessChecker, type Asked, CelRuntimeError, type Verdict } from '@coxswain/cel';
import type { Authorizer, UserInfo } from '../../access/contract.ts';

/** What a user may, for expressions. */
export class UserAccess implements AccessChecker {
  readonly #authorizer: Authorizer;
  readonly #user: UserInfo;

  constructor(authorizer: Authorizer, user: UserInfo) {
    this.#authorizer = authorizer;
    this.#user = user;
  }

  check(asked: Asked, verb: string): Verdict {
    const made = this.#authorizer.authorize({ ...asked, user: this.#user, verb });
    if (made instanceof Promise) throw new CelRuntimeError('the authorizer does not answer at once');
    return { allowed: made.decision === 'allow', reason: made.reason, error: '' };
  }

  as(namespace: string, name: string): AccessChecker {
    return new UserAccess(this.#authorizer, {
      name: `system:serviceaccount:${namespace}:${name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    });
  }
}
