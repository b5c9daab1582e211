import { deepEqual, type FieldPath, forbidden, invalid, required } from '@coxswain/machinery';
import { validateDNS1123Label } from '../formats.ts';
import { isEmptyLabelSelector, printedSelector, validateLabelSelector } from '../label-selector.ts';
import { validateAnnotations, validateLabels } from '../object-meta.ts';
import { checkLeniently } from '../pod/leniency.ts';
import { validatePodAnnotations } from '../pod/pod-annotations.ts';
import { validateSelectorMatchesTemplate } from '../pod/pod-template.ts';
import { blank, type Errors, type Json, nonNegative, oneOf, specPath, statusPath } from '../values.ts';
import { validateCollisionCount } from './deployment.ts';
import { selectorCompiles, validateRunsForGood } from './workload-template.ts';

/** ValidateStatefulSetSpec; an update keeps what its template was excused from. */
export function validateStatefulSet(errs: Errors, set: Json, old?: Json): void {
  const spec: Json = set['spec'];
  const policy: string = spec['podManagementPolicy'] ?? '';
  const policyPath = specPath.child('podManagementPolicy');
  if (policy === '') errs.push(required(policyPath));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errs.push(invalid(policyPath, policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  validateStrategy(errs, spec['updateStrategy'] ?? {}, specPath.child('updateStrategy'));
  validateRetention(errs, spec['persistentVolumeClaimRetentionPolicy']);
  if (!blank(spec['serviceName'])) {
    validateDNS1123Label(errs, spec['serviceName'], specPath.child('serviceName'));
  }
  nonNegative(errs, specPath.child('replicas'), spec['replicas']);
  nonNegative(errs, specPath.child('minReadySeconds'), spec['minReadySeconds']);
  if (spec['ordinals'] != null) {
    nonNegative(errs, specPath.child('ordinals.start'), spec['ordinals'].start);
  }
  validateSelectorAndTemplate(errs, spec, old?.['spec']);
  nonNegative(errs, specPath.child('revisionHistoryLimit'), spec['revisionHistoryLimit']);
}

function validateSelectorAndTemplate(errs: Errors, spec: Json, old: Json | undefined): void {
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
    // upstream leaves the template's spec to the pods: its mounts may name claims that are not volumes yet
    const meta: Json = template['metadata'] ?? {};
    validateLabels(errs, meta['labels'], path.child('labels'));
    validateAnnotations(errs, meta['annotations'], path.child('annotations'));
    checkLeniently(errs, old?.['template'], (found, leniency) => {
      const place = path.child('annotations');
      validatePodAnnotations(found, meta['annotations'], template['spec'] ?? {}, place, leniency);
    });
  } else {
    errs.push(invalid(selectorPath, printedSelector(selector), ''));
  }
  validateRunsForGood(errs, template, path, 'StatefulSet');
}

function validateStrategy(errs: Errors, strategy: Json, path: FieldPath): void {
  const type: string = strategy['type'] ?? '';
  const rolling: Json | undefined = strategy['rollingUpdate'];
  if (type === '') errs.push(required(path));
  else if (type === 'OnDelete') {
    if (rolling == null) return;
    const shown = { Partition: rolling['partition'] ?? 0, MaxUnavailable: rolling['maxUnavailable'] ?? null };
    const message = "only allowed for updateStrategy 'RollingUpdate'";
    errs.push(invalid(path.child('rollingUpdate'), shown, message));
  } else if (type === 'RollingUpdate') {
    if (rolling != null) {
      nonNegative(errs, path.child('rollingUpdate').child('partition'), rolling['partition']);
    }
  } else {
    const shown = { Type: type, RollingUpdate: null };
    errs.push(invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'"));
  }
}

function validateRetention(errs: Errors, policy: Json | undefined): void {
  const path = specPath.child('persistentVolumeClaimRetentionPolicy');
  if (policy == null) return;
  for (const member of ['whenDeleted', 'whenScaled']) {
    if (blank(policy[member])) errs.push(required(path.child(member)));
    else oneOf(errs, path.child(member), policy[member], ['Delete', 'Retain']);
  }
}

const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** ValidateStatefulSetUpdate: identity and storage stay. */
export function validateStatefulSetUpdate(errs: Errors, set: Json, old: Json): void {
  validateStatefulSet(errs, set, old);
  const fixed = (spec: Json): Json => {
    const rest: Json = { ...spec };
    for (const member of mutable) delete rest[member];
    return rest;
  };
  if (deepEqual(fixed(set['spec']), fixed(old['spec']))) return;
  const list = mutable.slice(0, -1).map((name) => `'${name}'`);
  const message = `updates to statefulset spec for fields other than ${list.join(', ')} and 'minReadySeconds' are forbidden`;
  errs.push(forbidden(specPath, message));
}

/** ValidateStatefulSetStatus. */
export function validateStatefulSetStatus(errs: Errors, set: Json, old: Json): void {
  const status: Json = set['status'] ?? {};
  const counts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
  for (const name of ['replicas', ...counts, 'observedGeneration', 'collisionCount']) {
    nonNegative(errs, statusPath.child(name), status[name]);
  }
  const replicas: number = status['replicas'] ?? 0;
  for (const name of counts) {
    if ((status[name] ?? 0) <= replicas) continue;
    errs.push(invalid(statusPath.child(name), status[name], 'cannot be greater than status.replicas'));
  }
  if ((status['availableReplicas'] ?? 0) > (status['readyReplicas'] ?? 0)) {
    const message = 'cannot be greater than status.readyReplicas';
    errs.push(invalid(statusPath.child('availableReplicas'), status['availableReplicas'], message));
  }
  validateCollisionCount(errs, status, old['status'] ?? {});
}
