import { type FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { printedSelector } from '../label-selector.ts';
import { type Errors, type Json, nonNegative, specPath, statusPath } from '../values.ts';
import { type ReplicaCounts, validateReplicaCounts } from './replica-counts.ts';
import {
  intOrPercentValue,
  notMoreThan100Percent,
  printedRollingUpdate,
  validateIntOrPercent,
} from './rolling-update.ts';
import { selectorCompiles, validateWorkloadSelector, validateWorkloadTemplate } from './workload-template.ts';

/** ValidateDeployment without the metadata. */
export function validateDeployment(errs: Errors, deployment: Json): void {
  validateSpec(errs, deployment['spec'], undefined);
}

function validateSpec(errs: Errors, spec: Json, old: Json | undefined): void {
  const selectorPath = specPath.child('selector');
  nonNegative(errs, specPath.child('replicas'), spec['replicas']);
  validateWorkloadSelector(errs, spec['selector'], selectorPath, 'empty selector is invalid for deployment');
  if (selectorCompiles(spec['selector'])) {
    const path = specPath.child('template');
    validateWorkloadTemplate(errs, spec['selector'], spec['template'], path, 'ReplicaSet', old?.['template']);
  } else {
    errs.push(invalid(selectorPath, printedSelector(spec['selector']), 'invalid label selector'));
  }
  validateStrategy(errs, spec['strategy'] ?? {}, specPath.child('strategy'));
  nonNegative(errs, specPath.child('minReadySeconds'), spec['minReadySeconds']);
  nonNegative(errs, specPath.child('revisionHistoryLimit'), spec['revisionHistoryLimit']);
  const deadline: number | undefined = spec['progressDeadlineSeconds'];
  if (deadline == null) return;
  const path = specPath.child('progressDeadlineSeconds');
  nonNegative(errs, path, deadline);
  if (deadline <= (spec['minReadySeconds'] ?? 0)) {
    errs.push(invalid(path, deadline, 'must be greater than minReadySeconds'));
  }
}

function validateStrategy(errs: Errors, strategy: Json, path: FieldPath): void {
  const rolling: Json | undefined = strategy['rollingUpdate'];
  const type: string = strategy['type'] ?? '';
  if (type === 'Recreate') {
    if (rolling != null) {
      const message = "may not be specified when strategy `type` is 'Recreate'";
      errs.push(forbidden(path.child('rollingUpdate'), message));
    }
  } else if (type === 'RollingUpdate') {
    const place = path.child('rollingUpdate');
    if (rolling == null) errs.push(required(place, 'this should be defaulted and never be nil'));
    else validateRollingUpdate(errs, rolling, place);
  } else {
    const shown = { Type: type, RollingUpdate: printedRollingUpdate(rolling) };
    errs.push(notSupported(path, shown, ['Recreate', 'RollingUpdate']));
  }
}

function validateRollingUpdate(errs: Errors, rolling: Json, path: FieldPath): void {
  const { maxUnavailable, maxSurge } = rolling;
  validateIntOrPercent(errs, maxUnavailable, path.child('maxUnavailable'));
  validateIntOrPercent(errs, maxSurge, path.child('maxSurge'));
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    const shown = maxUnavailable ?? 0;
    errs.push(invalid(path.child('maxUnavailable'), shown, 'may not be 0 when `maxSurge` is 0'));
  }
  notMoreThan100Percent(errs, maxUnavailable, path.child('maxUnavailable'));
}

/** ValidateDeploymentUpdate: the selector stays. */
export function validateDeploymentUpdate(errs: Errors, deployment: Json, old: Json): void {
  validateSpec(errs, deployment['spec'], old['spec']);
  const now = printedSelector(deployment['spec'].selector ?? undefined);
  immutable(errs, specPath.child('selector'), now, printedSelector(old['spec'].selector ?? undefined));
}

const ofReplicas = ['updatedReplicas', 'readyReplicas', 'availableReplicas'];
const statusCounts: ReplicaCounts = {
  all: [
    'observedGeneration',
    'replicas',
    ...ofReplicas,
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ],
  ofReplicas,
  ready: 'readyReplicas',
};

/** ValidateDeploymentStatusUpdate. */
export function validateDeploymentStatus(errs: Errors, deployment: Json, old: Json): void {
  const status: Json = deployment['status'] ?? {};
  const before: Json = old['status'] ?? {};
  validateReplicaCounts(errs, status, statusCounts);
  validateCollisionCount(errs, status, before);
}

/** The count of hash collisions only grows. */
export function validateCollisionCount(errs: Errors, status: Json, before: Json): void {
  const now: number | undefined = status['collisionCount'];
  const past: number | undefined = before['collisionCount'];
  if (past == null || (now != null && now >= past)) return;
  errs.push(invalid(statusPath.child('collisionCount'), now ?? 0, 'cannot be decremented'));
}
