import { findResource } from '@coxswain/api';
import {
  deepEqual,
  type KubeObject,
  newForbidden,
  newStatusError,
  type StatusError,
  writeJson,
} from '@coxswain/machinery';
import { admittedName } from '../../access/admission/refuse.ts';
import type {
  AdmissionAttributes,
  AdmissionPlugin,
  Authorizer,
  ObjectReader,
} from '../../access/contract.ts';
import { type BoundPolicy, boundPolicies } from './bound-policies.ts';
import { valuesOf } from './environment.ts';
import { Invocations } from './invocations.ts';
import { evaluateConditions } from './match-conditions.ts';
import { isExempt, namespaceShownTo } from './matcher.ts';
import { CompiledMutations } from './mutations.ts';
import { normalized, readBack, replaceMembers } from './patched-object.ts';
import { whenDecided } from './pending-decision.ts';
import { versioned, whenReady } from './versioned.ts';

interface PolicyFault {
  readonly text: string;
  readonly reason: 'Forbidden' | 'Invalid';
}

/** The evaluation of all policies that count for one request. */
interface PolicyRun {
  readonly a: AdmissionAttributes;
  readonly invocations: Invocations;
  readonly faults: PolicyFault[];
  readonly namespace: KubeObject | undefined;
}

/** Changes objects as MutatingAdmissionPolicies and their bindings say. */
export class MutatingAdmissionPolicy implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionPolicy';
  readonly #reader: ObjectReader;
  readonly #authorizer: Authorizer;
  readonly #compiled = new WeakMap<KubeObject, CompiledMutations>();

  constructor(reader: ObjectReader, authorizer: Authorizer) {
    this.#reader = reader;
    this.#authorizer = authorizer;
  }

  handles(): boolean {
    return true;
  }

  admit(a: AdmissionAttributes): void | Promise<void> {
    if (a.object === undefined || isExempt(a)) return;
    const bound = boundPolicies(a, 'mutating', this.#reader);
    if (bound.length === 0) return;
    const invocations = Invocations.of(a, this.name);
    invocations.begin(a.object);
    const run: PolicyRun = { a, invocations, faults: [], namespace: namespaceShownTo(a, this.#reader) };
    return this.#all(run, bound, 0);
  }

  #all(run: PolicyRun, bound: readonly BoundPolicy[], from: number): void | Promise<void> {
    for (let i = from; i < bound.length; i++) {
      const pending = this.#apply(run, bound[i] as BoundPolicy);
      if (pending instanceof Promise) return pending.then(() => this.#all(run, bound, i + 1));
    }
    run.invocations.end(run.a.object);
    if (run.faults.length > 0) throw denied(run.a, run.faults);
  }

  #apply(run: PolicyRun, bound: BoundPolicy): void | Promise<void> {
    const { policy, binding, params } = bound;
    const ignores = policy['spec']?.failurePolicy === 'Ignore';
    const ofPolicy = 'error' in params && params.ofPolicy === true;
    const fail = (text: string, reason: PolicyFault['reason']): void => {
      const names = ofPolicy
        ? JSON.stringify(policy.metadata.name)
        : `'${policy.metadata.name}' with binding '${binding.metadata.name}'`;
      if (!ignores) run.faults.push({ text: `policy ${names} denied request: ${text}`, reason });
    };
    if ('error' in params) {
      fail(`failed to configure ${ofPolicy ? 'policy' : 'binding'}: ${params.error}`, 'Forbidden');
      return;
    }
    const key = `${policy.metadata.name}/${binding.metadata.name}`;
    if (!run.invocations.concerns(key)) return;
    return whenReady(versioned(run.a, bound.matched), (shown) =>
      this.#mutate(run, bound, shown, params, key, fail),
    );
  }

  #mutate(
    run: PolicyRun,
    { policy }: BoundPolicy,
    shown: AdmissionAttributes,
    params: readonly (KubeObject | undefined)[],
    key: string,
    fail: (text: string, reason: PolicyFault['reason']) => void,
  ): void | Promise<void> {
    const { object } = shown;
    const fact = findResource(shown.resource.group, shown.resource.version, shown.resource.resource);
    const type = shown.type ?? fact?.type;
    if (object === undefined || type === undefined) return;
    const compiled = this.#compile(policy);
    const { namespace } = run;
    const outcome = whenDecided(this.#authorizer, (authorizer) => {
      const faults: string[] = [];
      let current = object;
      for (const param of params) {
        const values = (now: KubeObject) => valuesOf({ ...shown, object: now }, authorizer, namespace, param);
        const matched = evaluateConditions(compiled.conditions, values(current));
        if (matched === false) continue;
        if (matched === true) {
          const read = (made: KubeObject, strict: boolean) => normalized(made, shown, strict);
          current = compiled.mutate(current, type, values, (text) => faults.push(text), read);
        } else faults.push(matched.error);
      }
      return { current, faults };
    });
    return whenReady(outcome, ({ current, faults }) => {
      for (const fault of faults) fail(fault, 'Invalid');
      return this.#use(run, policy, shown, current, key);
    });
  }

  /** Makes the object of the request what a policy made of it. */
  #use(
    { a, invocations }: PolicyRun,
    policy: KubeObject,
    shown: AdmissionAttributes,
    current: KubeObject,
    key: string,
  ): void | Promise<void> {
    const ifNeeded = policy['spec']?.reinvocationPolicy === 'IfNeeded';
    if (deepEqual(current, shown.object)) {
      invocations.asked(key, false, ifNeeded);
      return;
    }
    const read = shown.requested === undefined ? current : readBack(shown, a, current);
    return whenReady(read, (made) => {
      const before = writeJson(a.object);
      replaceMembers(a.object as KubeObject, normalized(made, a));
      invocations.asked(key, writeJson(a.object) !== before, ifNeeded);
    });
  }

  #compile(policy: KubeObject): CompiledMutations {
    let compiled = this.#compiled.get(policy);
    if (compiled === undefined) {
      compiled = new CompiledMutations(policy);
      this.#compiled.set(policy, compiled);
    }
    return compiled;
  }
}

/** Refuses in the words of the first policy that fails, and names all. */
function denied(a: AdmissionAttributes, faults: readonly PolicyFault[]): StatusError {
  const { status } = newForbidden(a.resource, admittedName(a), '');
  const [first] = faults as [PolicyFault];
  return newStatusError({
    code: 403,
    reason: first.reason,
    message: first.text,
    details: { ...status.details, causes: faults.map(({ text }) => ({ message: text })) },
  });
}
