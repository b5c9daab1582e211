import type { AdmissionAttributes } from '../../access/contract.ts';
import type { Failure } from './policy.ts';

const failureKey = 'validation.policy.admission.k8s.io/validation_failure';
/** The longest value of one annotation, in bytes. */
const maxValueBytes = 10 * 1024;

/** What policies add to the audit event of a request. */
export class PolicyAnnotations {
  readonly #a: AdmissionAttributes;
  /** Values by key, each once; several params may give several. */
  readonly #values = new Map<string, Set<string>>();

  constructor(a: AdmissionAttributes) {
    this.#a = a;
  }

  add(policy: string, key: string, value: string): void {
    if (this.#a.audit === undefined) return;
    const bytes = Buffer.from(value);
    const shown = bytes.length > maxValueBytes ? bytes.subarray(0, maxValueBytes).toString() : value;
    const name = `${policy}/${key}`;
    const known = this.#values.get(name);
    if (known === undefined) this.#values.set(name, new Set([shown]));
    else known.add(shown);
  }

  /** Notes a validation that does not hold. */
  failure(
    { policy, binding }: { readonly policy: string; readonly binding: string },
    validationActions: unknown,
    { message, index }: Failure,
  ): void {
    const value = [{ message, policy, binding, expressionIndex: index, validationActions }];
    this.#a.audit?.annotate(failureKey, JSON.stringify(value));
  }

  publish(): void {
    for (const [key, values] of this.#values) this.#a.audit?.annotate(key, [...values].join(', '));
  }
}
