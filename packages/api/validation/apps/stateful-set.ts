import { type FieldPath, forbidden, invalid, required } from '@coxswain/machinery';
import { goEqualBut } from '../../go-equal.ts';
import { mustFindType } from '../../type-facts.ts';
import { validateClaimSpec } from '../claim-spec.ts';
import { validateDNS1123Label } from '../formats.ts';
import { isEmptyLabelSelector, printedSelector, validateLabelSelector } from '../label-selector.ts';
import { validatePodTemplateSpec, validateSelectorMatchesTemplate } from '../pod/pod-template.ts';
import { blank, type Errors, type Json, nonNegative, oneOf, specPath } from '../values.ts';
import { withClaimVolumes } from './claim-volumes.ts';
import { validateCollisionCount } from './deployment.ts';
import { type ReplicaCounts, validateReplicaCounts } from './replica-counts.ts';
import { intOrPercentValue, notMoreThan100Percent, validateIntOrPercent } from './rolling-update.ts';
import { selectorCompiles, validateRunsForGood } from './workload-template.ts';

/** ValidateStatefulSet without the metadata. */
export function validateStatefulSet(errs: Errors, set: Json): void {
  validateSpec(errs, set['spec'], undefined, true);
}

/**
 * ValidateStatefulSetSpec.
 *
 * @param old the stored spec: what cannot change any more need not be right, and its template may stay as it was
 * @param checksTemplate whether the template must make good pods
 */
function validateSpec(errs: Errors, spec: Json, old: Json | undefined, checksTemplate: boolean): void {
  const policy: string = spec['podManagementPolicy'] ?? '';
  const policyPath = specPath.child('podManagementPolicy');
  if (policy === '') errs.push(required(policyPath));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errs.push(invalid(policyPath, policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  validateStrategy(errs, spec['updateStrategy'] ?? {}, specPath.child('updateStrategy'));
  validateRetention(errs, spec['persistentVolumeClaimRetentionPolicy']);
  if (old === undefined) validateClaimTemplates(errs, spec['volumeClaimTemplates'] ?? []);
  nonNegative(errs, specPath.child('replicas'), spec['replicas']);
  nonNegative(errs, specPath.child('minReadySeconds'), spec['minReadySeconds']);
  if (spec['ordinals'] != null) {
    nonNegative(errs, specPath.child('ordinals.start'), spec['ordinals'].start);
  }
  if (old === undefined && !blank(spec['serviceName'])) {
    validateDNS1123Label(errs, spec['serviceName'], specPath.child('serviceName'));
  }
  validateSelectorAndTemplate(errs, spec, old, checksTemplate);
}

function validateSelectorAndTemplate(
  errs: Errors,
  spec: Json,
  old: Json | undefined,
  checksTemplate: boolean,
): void {
  const selector: Json | undefined = spec['selector'] ?? undefined;
  const selectorPath = specPath.child('selector');
  if (selector == null) errs.push(required(selectorPath));
  else {
    validateLabelSelector(errs, selector, selectorPath);
    if (isEmptyLabelSelector(selector)) {
      errs.push(
        invalid(selectorPath, printedSelector(selector), 'empty selector is invalid for statefulset'),
      );
    }
  }
  const path = specPath.child('template');
  const template: Json = spec['template'] ?? {};
  if (selectorCompiles(selector)) {
    if (selector == null || !isEmptyLabelSelector(selector)) {
      validateSelectorMatchesTemplate(errs, selector, template, path);
    }
    if (checksTemplate) {
      const whole = withClaimVolumes(template, spec['volumeClaimTemplates'] ?? []);
      validatePodTemplateSpec(errs, whole, path, old?.['template']);
    }
  } else {
    errs.push(invalid(selectorPath, printedSelector(selector), ''));
  }
  validateRunsForGood(errs, template, path, 'StatefulSet');
}

function validateClaimTemplates(errs: Errors, claims: readonly Json[]): void {
  claims.forEach((claim, i) => {
    validateClaimSpec(
      errs,
      claim['spec'] ?? {},
      specPath.child('volumeClaimTemplates').index(i).child('spec'),
    );
  });
}

function validateStrategy(errs: Errors, strategy: Json, path: FieldPath): void {
  const type: string = strategy['type'] ?? '';
  const rolling: Json | undefined = strategy['rollingUpdate'];
  if (type === '') errs.push(required(path));
  else if (type === 'OnDelete') {
    if (rolling == null) return;
    const message = "only allowed for updateStrategy 'RollingUpdate'";
    errs.push(invalid(path.child('rollingUpdate'), printedRolling(rolling), message));
  } else if (type === 'RollingUpdate') {
    if (rolling != null) validateRollingUpdate(errs, rolling, path.child('rollingUpdate'));
  } else {
    const shown = { Type: type, RollingUpdate: rolling == null ? null : printedRolling(rolling) };
    errs.push(invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'"));
  }
}

/** As the internal struct prints, whose partition is no pointer. */
function printedRolling(rolling: Json): Json {
  return { Partition: rolling['partition'] ?? 0, MaxUnavailable: rolling['maxUnavailable'] ?? null };
}

function validateRollingUpdate(errs: Errors, rolling: Json, path: FieldPath): void {
  nonNegative(errs, path.child('partition'), rolling['partition']);
  const { maxUnavailable } = rolling;
  if (maxUnavailable == null) return;
  const place = path.child('maxUnavailable');
  validateIntOrPercent(errs, maxUnavailable, place);
  if (intOrPercentValue(maxUnavailable) === 0) errs.push(invalid(place, maxUnavailable, 'cannot be 0'));
  notMoreThan100Percent(errs, maxUnavailable, place);
}

function validateRetention(errs: Errors, policy: Json | undefined): void {
  if (policy == null) return;
  const path = specPath.child('persistentVolumeClaimRetentionPolicy');
  for (const member of ['whenDeleted', 'whenScaled']) {
    oneOf(errs, path.child(member), policy[member] ?? '', ['Retain', 'Delete']);
  }
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const mayChange = new Set(changeable);

/** ValidateStatefulSetUpdate: identity and storage stay. */
export function validateStatefulSetUpdate(errs: Errors, set: Json, old: Json): void {
  const before: Json = old['spec'];
  const faults: Errors = [];
  validateSpec(faults, set['spec'], before, true);
  if (faults.length > 0 && hasFaults(before)) {
    // a template that was stored wrong may stay wrong
    faults.length = 0;
    validateSpec(faults, set['spec'], before, false);
  }
  errs.push(...faults);
  if (goEqualBut(set['spec'], before, mustFindType('io.k8s.api.apps.v1.StatefulSetSpec'), mayChange)) return;
  const list = changeable.slice(0, -1).map((name) => `'${name}'`);
  const message = `updates to statefulset spec for fields other than ${list.join(', ')} and 'minReadySeconds' are forbidden`;
  errs.push(forbidden(specPath, message));
}

function hasFaults(stored: Json): boolean {
  const faults: Errors = [];
  validateSpec(faults, stored, stored, true);
  return faults.length > 0;
}

const ofReplicas = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
const statusCounts: ReplicaCounts = {
  all: ['replicas', ...ofReplicas, 'observedGeneration', 'collisionCount'],
  ofReplicas,
  ready: 'status.readyReplicas',
};

/** ValidateStatefulSetStatus. */
export function validateStatefulSetStatus(errs: Errors, set: Json, old: Json): void {
  const status: Json = set['status'] ?? {};
  validateReplicaCounts(errs, status, statusCounts);
  validateCollisionCount(errs, status, old['status'] ?? {});
}
