import { findResource } from '@coxswain/api';
import {
  deepEqual,
  type KubeObject,
  newForbidden,
  newStatusError,
  type StatusError,
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
import { evaluateConditions } from './match-conditions.ts';
import { isExempt, namespaceOf } from './matcher.ts';
import { CompiledMutations } from './mutations.ts';
import { normalized, replaceMembers } from './patched-object.ts';

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

  admit(a: AdmissionAttributes): void {
    if (a.object === undefined || isExempt(a)) return;
    const bound = boundPolicies(a, 'mutating', this.#reader);
    let lastChange = -1;
    bound.forEach((one, i) => {
      if (this.#apply(one, a)) lastChange = i;
    });
    // Those that ran before the last change run once more, if they want to.
    bound.forEach((one, i) => {
      if (i < lastChange && one.policy['spec']?.reinvocationPolicy === 'IfNeeded') this.#apply(one, a);
    });
  }

  /** True when the object is another afterwards. */
  #apply({ policy, binding, params }: BoundPolicy, a: AdmissionAttributes): boolean {
    const { object } = a;
    const fact = findResource(a.resource.group, a.resource.version, a.resource.resource);
    const type = a.type ?? fact?.type;
    if (object === undefined || type === undefined) return false;
    const fail = (message: string): boolean => {
      if (policy['spec']?.failurePolicy === 'Ignore') return false;
      throw denied(a, policy, binding, message);
    };
    if ('error' in params) return fail(`failed to configure binding: ${params.error}`);
    const compiled = this.#compile(policy);
    const namespace = namespaceOf(a, this.#reader);
    let changed = false;
    for (const param of params) {
      const values = (now: KubeObject) => valuesOf({ ...a, object: now }, this.#authorizer, namespace, param);
      const matched = evaluateConditions(compiled.conditions, values(object));
      if (matched === false) continue;
      if (matched !== true) {
        fail(matched.error);
        continue;
      }
      let made: KubeObject;
      try {
        made = normalized(compiled.mutate(object, type, values), a);
      } catch (error) {
        fail((error as Error).message);
        continue;
      }
      if (deepEqual(made, object)) continue;
      replaceMembers(object, made);
      changed = true;
    }
    return changed;
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

function denied(
  a: AdmissionAttributes,
  policy: KubeObject,
  binding: KubeObject,
  message: string,
): StatusError {
  const names = `'${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const text = `MutatingAdmissionPolicy ${names} denied request: ${message}`;
  const { status } = newForbidden(a.resource, admittedName(a), text);
  return newStatusError({
    code: 422,
    reason: 'Invalid',
    message: status.message ?? text,
    details: { ...status.details, causes: [{ message: text }] },
  });
}
