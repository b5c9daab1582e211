import { invalid } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { printedSelector } from '../label-selector.ts';
import { type Errors, type Json, nonNegative, specPath } from '../values.ts';
import { type ReplicaCounts, validateReplicaCounts } from './replica-counts.ts';
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

const ofReplicas = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
const statusCounts: ReplicaCounts = {
  all: ['replicas', ...ofReplicas, 'terminatingReplicas', 'observedGeneration'],
  ofReplicas,
  ready: 'readyReplicas',
};

/** ValidateReplicaSetStatus; replication controllers have the same. */
export function validateReplicaSetStatus(errs: Errors, set: Json): void {
  validateReplicaCounts(errs, set['status'] ?? {}, statusCounts);
}
