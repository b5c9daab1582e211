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
import { isExempt, namespaceOf } from './matcher.ts';
import { CompiledPolicy } from './policy.ts';

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

interface Denial {
  readonly policy: string;
  readonly binding: string;
  readonly message: string;
  readonly reason: string;
}

/** Refuses or warns as ValidatingAdmissionPolicies and their bindings say. */
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

  validate(a: AdmissionAttributes): void {
    if (isExempt(a)) return;
    const denials = boundPolicies(a, 'validating', this.#reader).flatMap((bound) => this.#evaluate(bound, a));
    const [first] = denials;
    if (first !== undefined) throw denied(a, first);
  }

  #evaluate({ policy, binding, params }: BoundPolicy, a: AdmissionAttributes): Denial[] {
    const names = { policy: policy.metadata.name ?? '', binding: binding.metadata.name ?? '' };
    const failing = (message: string): Denial[] =>
      policy['spec']?.failurePolicy === 'Ignore' ? [] : [{ ...names, message, reason: '' }];
    if ('error' in params) return failing(`failed to configure binding: ${params.error}`);
    const compiled = this.#compile(policy);
    const namespace = namespaceOf(a, this.#reader);
    const denials: Denial[] = [];
    for (const param of params) {
      const values = valuesOf(a, this.#authorizer, namespace, param);
      const matched = evaluateConditions(compiled.conditions, values);
      if (matched === false) continue;
      if (matched !== true) {
        denials.push(...failing(matched.error));
        continue;
      }
      for (const failure of compiled.evaluate(values)) {
        if (failure.error && policy['spec']?.failurePolicy === 'Ignore') continue;
        denials.push(...this.#act(binding, { ...names, ...failure }, a));
      }
    }
    return denials;
  }

  /** Does what the binding says about a failure; gives it back when the request is to be refused. */
  #act(
    binding: KubeObject,
    { policy, binding: name, message, reason }: Denial,
    a: AdmissionAttributes,
  ): Denial[] {
    const actions = (binding['spec']?.validationActions ?? []) as readonly string[];
    if (actions.includes('Warn')) {
      a.warn(
        `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${name}': ${message}`,
      );
    }
    return actions.includes('Deny') ? [{ policy, binding: name, message, reason }] : [];
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

function denied(a: AdmissionAttributes, { policy, binding, message, reason }: Denial): StatusError {
  const text = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`;
  const { status } = newForbidden(a.resource, admittedName(a), text);
  const named = reason === '' ? 'Invalid' : reason;
  return newStatusError({
    code: codes[named] ?? 422,
    reason: named,
    message: status.message ?? text,
    details: { ...status.details, causes: [{ message: text }] },
  });
}
