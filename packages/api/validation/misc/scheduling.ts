import { FieldPath, forbidden } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { dnsLabelName } from '../names.ts';
import { validateLabels } from '../object-meta.ts';
import { validateContainerResources } from '../pod/container/resource-requirements.ts';
import { validatePreemptionPolicy } from '../pod/pod-spec.ts';
import { validateTolerations } from '../pod/scheduling/tolerations.ts';
import { addInvalid, type Errors, type Json } from '../values.ts';

const highestUserPriority = 1_000_000_000;
const system: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** ValidatePriorityClass without the metadata's generic part. */
export function validatePriorityClass(errs: Errors, priority: Json): void {
  const name: string = priority['metadata'].name ?? '';
  const value: number = priority['value'] ?? 0;
  if (name.startsWith('system-')) {
    const problem = systemProblem(name, value, priority['globalDefault'] ?? false);
    if (problem != null) {
      const message = `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`;
      errs.push(forbidden(FieldPath.root('metadata', 'name'), message));
    }
  } else if (value > highestUserPriority) {
    const message = `maximum allowed value of a user defined priority is ${highestUserPriority}`;
    errs.push(forbidden(FieldPath.root('value'), message));
  }
  if (priority['preemptionPolicy'] != null) {
    validatePreemptionPolicy(errs, priority['preemptionPolicy'], FieldPath.root('preemptionPolicy'));
  }
}

function systemProblem(name: string, value: number, globalDefault: boolean): string | undefined {
  const wanted = system[name];
  if (wanted == null) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  if (globalDefault) return `globalDefault of ${name} PriorityClass must be false`;
  return undefined;
}

/** ValidatePriorityClassUpdate: the value stays. */
export function validatePriorityClassUpdate(errs: Errors, priority: Json, old: Json): void {
  if ((priority['value'] ?? 0) !== (old['value'] ?? 0)) {
    errs.push(forbidden(FieldPath.root('value'), 'may not be changed in an update.'));
  }
  immutable(errs, FieldPath.root('preemptionPolicy'), priority['preemptionPolicy'], old['preemptionPolicy']);
}

/** ValidateRuntimeClass without the metadata. */
export function validateRuntimeClass(errs: Errors, runtime: Json): void {
  const handler: string = runtime['handler'] ?? '';
  addInvalid(errs, FieldPath.root('handler'), handler, dnsLabelName(handler, false));
  const overhead: Json | undefined = runtime['overhead']?.podFixed;
  if (overhead != null) {
    validateContainerResources(errs, { limits: overhead }, new Set(), FieldPath.root('overhead'));
  }
  const scheduling: Json | undefined = runtime['scheduling'];
  if (scheduling == null) return;
  const path = FieldPath.root('scheduling');
  validateLabels(errs, scheduling['nodeSelector'], path.child('nodeSelector'));
  validateTolerations(errs, scheduling['tolerations'], path.child('tolerations'));
}

/** ValidateRuntimeClassUpdate: the handler stays. */
export function validateRuntimeClassUpdate(errs: Errors, runtime: Json, old: Json): void {
  immutable(errs, FieldPath.root('handler'), runtime['handler'] ?? '', old['handler'] ?? '');
}
