import type { Attributes, Authorizer, Decision } from '../contract.ts';
import { groups } from '../users.ts';

const allowMasters: Decision = { decision: 'allow', reason: '' };
const undecided: Decision = { decision: 'no-opinion', reason: '' };

/**
 * Asks authorizers in turn until one allows or denies; reasons of those without an opinion are joined.
 * Members of `system:masters` may do everything whatever the modes are.
 */
export class AuthorizerUnion implements Authorizer {
  #members: readonly Authorizer[];

  constructor(members: readonly Authorizer[]) {
    this.#members = members;
  }

  /** Later questions go to others. */
  replace(members: readonly Authorizer[]): void {
    this.#members = members;
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    if (attributes.user.groups.includes(groups.masters)) return allowMasters;
    return ask(this.#members, attributes, 0, undecided);
  }
}

function ask(
  members: readonly Authorizer[],
  attributes: Attributes,
  from: number,
  before: Decision,
): Decision | Promise<Decision> {
  let said = before;
  for (let i = from; i < members.length; i++) {
    const answer = (members[i] as Authorizer).authorize(attributes);
    if (answer instanceof Promise) {
      const sofar = said;
      return answer.then((decision) =>
        decision.decision === 'no-opinion'
          ? ask(members, attributes, i + 1, joined(sofar, decision))
          : decision,
      );
    }
    if (answer.decision !== 'no-opinion') return answer;
    said = joined(said, answer);
  }
  return said;
}

/** What two authorizers without an opinion say together. */
function joined(a: Decision, b: Decision): Decision {
  if (a === undecided) return b;
  const reason = a.reason === '' || b.reason === '' ? a.reason + b.reason : `${a.reason}\n${b.reason}`;
  if (a.error === undefined && b.error === undefined) return { decision: 'no-opinion', reason };
  const errors = [a.error, b.error].filter((text) => text !== undefined);
  const error = errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`;
  return { decision: 'no-opinion', reason, error };
}
