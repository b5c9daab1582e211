import { type Condition, type Definition, isTrue } from './definition.ts';
import type { StatusChange } from './definition-status.ts';
import { caBundleFault } from './validation/ca-bundle.ts';

/** Establishes a definition that has its names; undefined where nothing changes. */
export function establish(definition: Definition): StatusChange | undefined {
  if (!isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')) return undefined;
  const { caBundle } = definition.spec.conversion?.webhook?.clientConfig ?? {};
  return { conditions: [caBundleFault(caBundle) === undefined ? established : untrusted] };
}

const established: Condition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};

const untrusted: Condition = {
  type: 'Established',
  status: 'False',
  reason: 'InvalidCABundle',
  message: 'The conversion webhook CABundle is invalid',
};
