import { invalid } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { printedSelector } from '../label-selector.ts';
import { type Errors, type Json, nonNegative, specPath, statusPath } from '../values.ts';
import { selectorCompiles, validateWorkloadSelector, validateWorkloadTemplate } from './workload-template.ts';

/** ValidateReplicaSetSpec; an update keeps what its template was excused from. */
export function validateReplicaSet(errs: Errors, set: Json, old: Json | undefined): void {
  const spec: Json = set['spec'];
  const selectorPath = specPath.child('selector');
  nonNegative(errs, specPath.child('replicas'), spec['replicas']);
  nonNegative(errs, specPath.child('minReadySeconds'), spec['minReadySeconds']);
  validateWorkloadSelector(errs, spec['selector'], selectorPath, 'empty selector is invalid for deployment');
  if (selectorCompiles(spec['selector'])) {
    const path = specPath.child('template');
    validateWorkloadTemplate(
      errs,
      spec['selector'],
      spec['template'],
      path,
      'ReplicaSet',
      old?.['spec'].template,
    );
  } else {
    errs.push(invalid(selectorPath, printedSelector(spec['selector']), 'invalid label selector'));
  }
}

/** ValidateReplicaSetUpdate: the selector stays. */
export function validateReplicaSetUpdate(errs: Errors, set: Json, old: Json): void {
  validateReplicaSet(errs, set, old);
  const now = printedSelector(set['spec'].selector ?? undefined);
  immutable(errs, specPath.child('selector'), now, printedSelector(old['spec'].selector ?? undefined));
}

/** ValidateReplicaSetStatus; replication controllers have the same. */
export function validateReplicaSetStatus(errs: Errors, set: Json): void {
  const status: Json = set['status'] ?? {};
  const counts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
  for (const name of ['replicas', ...counts, 'terminatingReplicas', 'observedGeneration']) {
    nonNegative(errs, statusPath.child(name), status[name]);
  }
  const replicas: number = status['replicas'] ?? 0;
  for (const name of counts) {
    if ((status[name] ?? 0) <= replicas) continue;
    errs.push(invalid(statusPath.child(name), status[name], 'cannot be greater than status.replicas'));
  }
  if ((status['availableReplicas'] ?? 0) > (status['readyReplicas'] ?? 0)) {
    const message = 'cannot be greater than readyReplicas';
    errs.push(invalid(statusPath.child('availableReplicas'), status['availableReplicas'], message));
  }
}
