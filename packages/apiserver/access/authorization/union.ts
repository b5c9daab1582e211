import type { Attributes, Authorizer, Decision } from '../contract.ts';
import { groups } from '../users.ts';

const allowMasters: Decision = { decision: 'allow', reason: '' };

/**
 * Asks authorizers in turn until one allows or denies; reasons of those without an opinion are joined.
 * Members of `system:masters` may do everything whatever the modes are.
 */
export class AuthorizerUnion implements Authorizer {
  readonly #members: readonly Authorizer[];

  constructor(members: readonly Authorizer[]) {
    this.#members = members;
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    if (attributes.user.groups.includes(groups.masters)) return allowMasters;
    return this.#ask(attributes, 0, '');
  }

  #ask(attributes: Attributes, from: number, reasons: string): Decision | Promise<Decision> {
    let said = reasons;
    for (let i = from; i < this.#members.length; i++) {
      const answer = (this.#members[i] as Authorizer).authorize(attributes);
      if (answer instanceof Promise) {
        const before = said;
        return answer.then((decision) =>
          decision.decision === 'no-opinion'
            ? this.#ask(attributes, i + 1, join(before, decision.reason))
            : decision,
        );
      }
      if (answer.decision !== 'no-opinion') return answer;
      said = join(said, answer.reason);
    }
    return { decision: 'no-opinion', reason: said };
  }
}

function join(a: string, b: string): string {
  return a === '' || b === '' ? a + b : `${a}\n${b}`;
}
