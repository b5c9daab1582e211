import { type CelOpaque, CelRuntimeError, type CelValue, FunctionTable } from '@coxswain/cel';
import type { Attributes, Authorizer, Decision, UserInfo } from '../../access/contract.ts';

type Asked = Omit<Attributes, 'user' | 'verb'>;

const nothing: Asked = {
  resourceRequest: true,
  path: '',
  group: '',
  version: '*',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
};

abstract class Identity implements CelOpaque {
  abstract readonly typeName: string;

  equals(other: CelOpaque): boolean {
    return other === this;
  }
}

/** Who asks. */
export class AuthorizerValue extends Identity {
  readonly typeName = 'kubernetes.authorization.Authorizer';
  readonly authorizer: Authorizer;
  readonly user: UserInfo;

  constructor(authorizer: Authorizer, user: UserInfo) {
    super();
    this.authorizer = authorizer;
    this.user = user;
  }
}

/** What is asked for. */
export class CheckValue extends Identity {
  readonly typeName: string;
  readonly by: AuthorizerValue;
  readonly asked: Asked;

  constructor(
    kind: 'PathCheck' | 'GroupCheck' | 'ResourceCheck',
    by: AuthorizerValue,
    asked: Partial<Asked>,
  ) {
    super();
    this.typeName = `kubernetes.authorization.${kind}`;
    this.by = by;
    this.asked = { ...nothing, ...asked };
  }

  /** The same of a resource, with more said of it. */
  with(more: Partial<Asked>): CheckValue {
    return new CheckValue('ResourceCheck', this.by, { ...this.asked, ...more });
  }

  check(verb: string): CelValue {
    const decision = this.by.authorizer.authorize({ ...this.asked, user: this.by.user, verb });
    if (decision instanceof Promise) throw new CelRuntimeError('the authorizer does not answer at once');
    return new DecisionValue(decision);
  }
}

class DecisionValue extends Identity {
  readonly typeName = 'kubernetes.authorization.Decision';
  readonly decision: Decision;

  constructor(decision: Decision) {
    super();
    this.decision = decision;
  }
}

function serviceAccount(by: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  return new AuthorizerValue(by.authorizer, {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  });
}

const [authorizer, path, group, resource, decision] = [
  'Authorizer',
  'PathCheck',
  'GroupCheck',
  'ResourceCheck',
  'Decision',
].map((name) => `kubernetes.authorization.${name}`);

/** Questions to the authorizer. */
export const authorizerLibrary = new FunctionTable()
  .method(
    'path',
    `${authorizer}, string -> ${path}`,
    (by: AuthorizerValue, asked: string) =>
      new CheckValue('PathCheck', by, { resourceRequest: false, path: asked }),
  )
  .method(
    'group',
    `${authorizer}, string -> ${group}`,
    (by: AuthorizerValue, asked: string) => new CheckValue('GroupCheck', by, { group: asked }),
  )
  .method('serviceAccount', `${authorizer}, string, string -> ${authorizer}`, serviceAccount)
  .method('resource', `${group}, string -> ${resource}`, (check: CheckValue, asked: string) =>
    check.with({ resource: asked }),
  )
  .method('subresource', `${resource}, string -> ${resource}`, (check: CheckValue, asked: string) =>
    check.with({ subresource: asked }),
  )
  .method('namespace', `${resource}, string -> ${resource}`, (check: CheckValue, asked: string) =>
    check.with({ namespace: asked }),
  )
  .method('name', `${resource}, string -> ${resource}`, (check: CheckValue, asked: string) =>
    check.with({ name: asked }),
  )
  .method('fieldSelector', `${resource}, string -> ${resource}`, (check: CheckValue, asked: string) =>
    check.with({ fieldSelector: asked }),
  )
  .method('labelSelector', `${resource}, string -> ${resource}`, (check: CheckValue, asked: string) =>
    check.with({ labelSelector: asked }),
  )
  .method('check', `${path}, string -> ${decision}`, (check: CheckValue, verb: string) => check.check(verb))
  .method('check', `${resource}, string -> ${decision}`, (check: CheckValue, verb: string) =>
    check.check(verb),
  )
  .method('allowed', `${decision} -> bool`, (made: DecisionValue) => made.decision.decision === 'allow')
  .method('reason', `${decision} -> string`, (made: DecisionValue) => made.decision.reason)
  .method('errored', `${decision} -> bool`, () => false)
  .method('error', `${decision} -> string`, () => '');
