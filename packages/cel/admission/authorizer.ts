import { FunctionTable } from '../functions.ts';
import type { CelOpaque, CelValue } from '../values.ts';

/** What is asked for, beside the verb. */
export interface Asked {
  readonly resourceRequest: boolean;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** What a check came to; `error` is '' unless it could not be made. */
export interface Verdict {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error: string;
}

/** Answers for one user, or for a service account. */
export interface AccessChecker {
  check(asked: Asked, verb: string): Verdict;
  as(namespace: string, serviceAccount: string): AccessChecker;
}

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
  readonly checker: AccessChecker;

  constructor(checker: AccessChecker) {
    super();
    this.checker = checker;
  }
}

/** What is asked. */
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
    return new DecisionValue(this.by.checker.check(this.asked, verb));
  }
}

class DecisionValue extends Identity {
  readonly typeName = 'kubernetes.authorization.Decision';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super();
    this.verdict = verdict;
  }
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
  .method(
    'serviceAccount',
    `${authorizer}, string, string -> ${authorizer}`,
    (by: AuthorizerValue, namespace: string, name: string) =>
      new AuthorizerValue(by.checker.as(namespace, name)),
  )
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
  .method('allowed', `${decision} -> bool`, (made: DecisionValue) => made.verdict.allowed)
  .method('reason', `${decision} -> string`, (made: DecisionValue) => made.verdict.reason)
  .method('errored', `${decision} -> bool`, (made: DecisionValue) => made.verdict.error !== '')
  .method('error', `${decision} -> string`, (made: DecisionValue) => made.verdict.error);
