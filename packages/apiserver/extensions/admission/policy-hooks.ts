import type { ExpressionFaults } from '@coxswain/api';
import { declarationsOf } from '@coxswain/cel';
import { deepEqual, type FieldError, FieldPath, invalid, type KubeObject } from '@coxswain/machinery';
import type { ResourceHooks } from '../../registry/hooks.ts';
import { compileConditions } from './match-conditions.ts';
import { CompiledMutations } from './mutations.ts';
import { mutatingBindings, permitParamKind, permitParamRef, validatingBindings } from './param-access.ts';
import { CompiledPolicy, type PolicyFault } from './policy.ts';

const none: ExpressionFaults = new Map();

function faultsOf(faults: readonly PolicyFault[]): ExpressionFaults {
  const found = new Map<string, readonly FieldError[]>();
  for (const { path, source, text } of faults) {
    const at = pathOf('spec', path);
    found.set(at.toString(), [invalid(at, source, text)]);
  }
  return found;
}

/** Policies whose expressions do not compile are refused. */
export const policyHooks: ResourceHooks = {
  permit: permitParamKind,
  expressionFaults: (policy, old) => {
    // What was stored once stays, whatever has become of the language.
    if (old !== undefined && deepEqual(policy['spec'], old['spec'])) return none;
    return faultsOf(new CompiledPolicy(policy).faults);
  },
};

/** The same for policies that change objects. */
export const mutatingPolicyHooks: ResourceHooks = {
  permit: permitParamKind,
  expressionFaults: (policy, old) => {
    if (old !== undefined && deepEqual(policy['spec'], old['spec'])) return none;
    return faultsOf(new CompiledMutations(policy).faults);
  },
};

/** Who binds a policy to parameters must be able to read them. */
export const policyBindingHooks: ResourceHooks = { permit: permitParamRef(validatingBindings) };

/** The same for policies that change objects. */
export const mutatingPolicyBindingHooks: ResourceHooks = { permit: permitParamRef(mutatingBindings) };

/** The match conditions of webhooks must compile. */
export const webhookHooks: ResourceHooks = {
  expressionFaults: (configuration) => {
    const webhooks = (configuration['webhooks'] ?? []) as KubeObject[];
    const found = new Map<string, readonly FieldError[]>();
    const declarations = declarationsOf({ params: false });
    webhooks.forEach((webhook, i) => {
      const conditions = (webhook['matchConditions'] ?? []) as { name: string; expression: string }[];
      compileConditions(conditions, declarations).forEach(({ compiled, source }, j) => {
        if (!('fault' in compiled)) return;
        const at = FieldPath.root('webhooks').index(i).child('matchConditions').index(j).child('expression');
        found.set(at.toString(), [invalid(at, source, compiled.fault)]);
      });
    });
    return found;
  },
};

function pathOf(root: string, steps: readonly (string | number)[]): FieldPath {
  return steps.reduce<FieldPath>(
    (path, step) => (typeof step === 'number' ? path.index(step) : path.child(step)),
    FieldPath.root(root),
  );
}
