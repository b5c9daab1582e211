import { declarationsOf } from '@coxswain/cel';
import { deepEqual, type FieldError, FieldPath, invalid, type KubeObject } from '@coxswain/machinery';
import type { ResourceHooks } from '../../registry/hooks.ts';
import { compileConditions } from './match-conditions.ts';
import { CompiledMutations } from './mutations.ts';
import { CompiledPolicy } from './policy.ts';

/** Policies whose expressions do not compile are refused. */
export const policyHooks: ResourceHooks = {
  validate: (policy, old) => {
    // What was stored once stays, whatever has become of the language.
    if (old !== undefined && deepEqual(policy['spec'], old['spec'])) return [];
    return new CompiledPolicy(policy).faults.map(({ path, source, text }) =>
      invalid(pathOf('spec', path), source, text),
    );
  },
};

/** The same for policies that change objects. */
export const mutatingPolicyHooks: ResourceHooks = {
  validate: (policy, old) => {
    if (old !== undefined && deepEqual(policy['spec'], old['spec'])) return [];
    return new CompiledMutations(policy).faults.map(({ path, source, text }) =>
      invalid(pathOf('spec', path), source, text),
    );
  },
};

/** The same for the match conditions of webhooks. */
export const webhookHooks: ResourceHooks = {
  validate: (configuration, old) => {
    const errors: FieldError[] = [];
    const webhooks = (configuration['webhooks'] ?? []) as KubeObject[];
    const declarations = declarationsOf({ params: false, namespace: false });
    webhooks.forEach((webhook, i) => {
      const before = (old?.['webhooks'] as KubeObject[] | undefined)?.[i];
      const conditions = (webhook['matchConditions'] ?? []) as { name: string; expression: string }[];
      if (deepEqual(conditions, before?.['matchConditions'] ?? [])) return;
      compileConditions(conditions, declarations).forEach(({ compiled }, j) => {
        if (!('fault' in compiled)) return;
        const at = FieldPath.root('webhooks').index(i).child('matchConditions').index(j).child('expression');
        errors.push(invalid(at, conditions[j]?.expression ?? '', compiled.fault));
      });
    });
    return errors;
  },
};

function pathOf(root: string, steps: readonly (string | number)[]): FieldPath {
  return steps.reduce<FieldPath>(
    (path, step) => (typeof step === 'number' ? path.index(step) : path.child(step)),
    FieldPath.root(root),
  );
}
