import { type KubeObject, newForbidden, newStatusError, type StatusError } from '@coxswain/machinery';
import { admittedName } from '../../access/admission/refuse.ts';
import type {
  AdmissionAttributes,
  AdmissionPlugin,
  Authorizer,
  ObjectReader,
} from '../../access/contract.ts';
import { type BoundPolicy, boundPolicies } from './bound-policies.ts';
import { valuesOf } from './environment.ts';
import { evaluateConditions } from './match-conditions.ts';
import { isExempt, namespaceShownTo } from './matcher.ts';
import { whenDecided } from './pending-decision.ts';
import { CompiledPolicy, type Failure } from './policy.ts';
import { PolicyAnnotations } from './policy-annotations.ts';
import { versioned, whenReady } from './versioned.ts';

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

interface Denial {
  readonly policy: string;
  /** '' where the policy itself is at fault. */
  readonly binding: string;
  readonly message: string;
  readonly reason: string;
}

/** Refuses, warns or notes for audit as ValidatingAdmissionPolicies and their bindings say. */
export class ValidatingAdmissionPolicy implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionPolicy';
  readonly #reader: ObjectReader;
  readonly #authorizer: Authorizer;
  readonly #compiled = new WeakMap<KubeObject, CompiledPolicy>();

  constructor(reader: ObjectReader, authorizer: Authorizer) {
    this.#reader = reader;
    this.#authorizer = authorizer;
  }

  handles(): boolean {
    return true;
  }

  validate(a: AdmissionAttributes): void | Promise<void> {
    if (isExempt(a)) return;
    const bound = boundPolicies(a, 'validating', this.#reader);
    if (bound.length === 0) return;
    return whenDecided(this.#authorizer, (authorizer) =>
      new PolicyRun(a, this.#reader, authorizer, (policy) => this.#compile(policy)).all(bound, 0),
    );
  }

  #compile(policy: KubeObject): CompiledPolicy {
    let compiled = this.#compiled.get(policy);
    if (compiled === undefined) {
      compiled = new CompiledPolicy(policy);
      this.#compiled.set(policy, compiled);
    }
    return compiled;
  }
}

/** The evaluation of all policies that count for one request. */
class PolicyRun {
  readonly #a: AdmissionAttributes;
  readonly #namespace: KubeObject | undefined;
  readonly #authorizer: Authorizer;
  readonly #compile: (policy: KubeObject) => CompiledPolicy;
  readonly #annotations: PolicyAnnotations;
  readonly #denials: Denial[] = [];

  constructor(
    a: AdmissionAttributes,
    reader: ObjectReader,
    authorizer: Authorizer,
    compile: (policy: KubeObject) => CompiledPolicy,
  ) {
    this.#a = a;
    this.#namespace = namespaceShownTo(a, reader);
    this.#authorizer = authorizer;
    this.#compile = compile;
    this.#annotations = new PolicyAnnotations(a);
  }

  /** Evaluates from the given one on. @throws StatusError of the first that refuses */
  all(bound: readonly BoundPolicy[], from: number): void | Promise<void> {
    for (let i = from; i < bound.length; i++) {
      const one = bound[i] as BoundPolicy;
      const shown = versioned(this.#a, one.matched);
      const pending = whenReady(shown, (a) => this.#evaluate(one, a));
      if (pending instanceof Promise) return pending.then(() => this.all(bound, i + 1));
    }
    this.#annotations.publish();
    const [first] = this.#denials;
    if (first !== undefined) throw denied(this.#a, first);
  }

  #evaluate({ policy, binding, params }: BoundPolicy, a: AdmissionAttributes): void {
    const ignores = policy['spec']?.failurePolicy === 'Ignore';
    const names = { policy: policy.metadata.name ?? '', binding: binding.metadata.name ?? '' };
    if ('error' in params) {
      const what = params.ofPolicy === true ? 'policy' : 'binding';
      const message = `failed to configure ${what}: ${params.error}`;
      const binding = params.ofPolicy === true ? '' : names.binding;
      if (!ignores) this.#denials.push({ ...names, binding, message, reason: '' });
      return;
    }
    const compiled = this.#compile(policy);
    for (const param of params) {
      const values = valuesOf(a, this.#authorizer, this.#namespace, param);
      const matched = evaluateConditions(compiled.conditions, values);
      if (matched === false) continue;
      const failures: readonly Failure[] =
        matched === true
          ? compiled.evaluate(values)
          : [{ message: matched.error, reason: '', error: true, index: 0 }];
      for (const failure of failures) {
        if (!(failure.error && ignores)) this.#act(names, binding, failure);
      }
      if (matched !== true) continue;
      for (const annotation of compiled.annotations(values)) {
        if ('value' in annotation) this.#annotations.add(names.policy, annotation.key, annotation.value);
        else if (!ignores) this.#denials.push({ ...names, message: annotation.error, reason: '' });
      }
    }
  }

  /** Does what the binding says about a failure. */
  #act(names: Pick<Denial, 'policy' | 'binding'>, { spec }: KubeObject, failure: Failure): void {
    const { message, reason } = failure;
    for (const action of (spec?.validationActions ?? []) as readonly string[]) {
      if (action === 'Deny') this.#denials.push({ ...names, message, reason });
      else if (action === 'Audit') this.#annotations.failure(names, spec.validationActions, failure);
      else if (action === 'Warn') {
        const { policy, binding } = names;
        this.#a.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
        );
      }
    }
  }
}

function denied(a: AdmissionAttributes, { policy, binding, message, reason }: Denial): StatusError {
  const by = binding === '' ? `'${policy}'` : `'${policy}' with binding '${binding}'`;
  const text = `ValidatingAdmissionPolicy ${by} denied request: ${message}`;
  const { status } = newForbidden(a.resource, admittedName(a), text);
  const named = reason === '' ? 'Invalid' : reason;
  return newStatusError({
    code: codes[named] ?? 422,
    reason: named,
    message: status.message ?? text,
    details: { ...status.details, causes: [{ message: text }] },
  });
}
