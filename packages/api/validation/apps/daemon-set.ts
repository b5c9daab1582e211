import { type FieldPath, invalid, notSupported, required } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { isEmptyLabelSelector, printedSelector, validateLabelSelector } from '../label-selector.ts';
import { validatePodTemplateSpec, validateSelectorMatchesTemplate } from '../pod/pod-template.ts';
import { type Errors, type Json, nonNegative, specPath, statusPath } from '../values.ts';
import { validateCollisionCount } from './deployment.ts';
import {
  intOrPercentValue,
  notMoreThan100Percent,
  printedRollingUpdate,
  validateIntOrPercent,
} from './rolling-update.ts';
import { validateRunsForGood } from './workload-template.ts';

/** ValidateDaemonSetSpec; an update keeps what its template was excused from. */
export function validateDaemonSet(errs: Errors, set: Json, old: Json | undefined): void {
  const spec: Json = set['spec'];
  const selector: Json | undefined = spec['selector'] ?? undefined;
  const template: Json = spec['template'] ?? {};
  const templatePath = specPath.child('template');
  if (selector !== undefined) validateLabelSelector(errs, selector, specPath.child('selector'));
  // a selector that is not there matches nothing, which is all that is said of it
  validateSelectorMatchesTemplate(errs, selector, template, templatePath);
  if (selector !== undefined && isEmptyLabelSelector(selector)) {
    const message = 'empty selector is invalid for daemonset';
    errs.push(invalid(specPath.child('selector'), printedSelector(selector), message));
  }
  validatePodTemplateSpec(errs, template, templatePath, old?.['spec'].template);
  validateRunsForGood(errs, template, templatePath, 'DaemonSet');
  nonNegative(errs, specPath.child('minReadySeconds'), spec['minReadySeconds']);
  validateStrategy(errs, spec['updateStrategy'] ?? {}, specPath.child('updateStrategy'));
  nonNegative(errs, specPath.child('revisionHistoryLimit'), spec['revisionHistoryLimit']);
}

function validateStrategy(errs: Errors, strategy: Json, path: FieldPath): void {
  const type: string = strategy['type'] ?? '';
  const rolling: Json | undefined = strategy['rollingUpdate'];
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    const shown = { Type: type, RollingUpdate: printedRollingUpdate(rolling) };
    errs.push(notSupported(path, shown, ['RollingUpdate', 'OnDelete']));
    return;
  }
  const place = path.child('rollingUpdate');
  if (rolling == null) {
    errs.push(required(place));
    return;
  }
  const { maxUnavailable, maxSurge } = rolling;
  validateIntOrPercent(errs, maxUnavailable, place.child('maxUnavailable'));
  notMoreThan100Percent(errs, maxUnavailable, place.child('maxUnavailable'));
  validateIntOrPercent(errs, maxSurge, place.child('maxSurge'));
  notMoreThan100Percent(errs, maxSurge, place.child('maxSurge'));
  const unavailable = intOrPercentValue(maxUnavailable) !== 0;
  const surge = intOrPercentValue(maxSurge) !== 0;
  if (unavailable && surge) {
    const message = 'may not be set when maxUnavailable is non-zero';
    errs.push(invalid(place.child('maxSurge'), maxSurge, message));
  }
  if (!unavailable && !surge) {
    errs.push(required(place.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  }
}

/** ValidateDaemonSetUpdate: the selector stays. */
export function validateDaemonSetUpdate(errs: Errors, set: Json, old: Json): void {
  validateDaemonSet(errs, set, old);
  const now = printedSelector(set['spec'].selector ?? undefined);
  immutable(errs, specPath.child('selector'), now, printedSelector(old['spec'].selector ?? undefined));
  validateTemplateGeneration(errs, set, old);
}

const annotation = 'deprecated.daemonset.template.generation';

function validateTemplateGeneration(errs: Errors, set: Json, old: Json): void {
  const now = Number(set['metadata'].annotations?.[annotation] ?? 0);
  const before = Number(old['metadata'].annotations?.[annotation] ?? 0);
  const path = specPath.child('templateGeneration');
  if (now < before) errs.push(invalid(path, now, 'must not be decremented'));
}

/** ValidateDaemonSetStatusUpdate. */
export function validateDaemonSetStatus(errs: Errors, set: Json, old: Json): void {
  const status: Json = set['status'] ?? {};
  for (const name of [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ]) {
    nonNegative(errs, statusPath.child(name), status[name]);
  }
  validateCollisionCount(errs, status, old['status'] ?? {});
}
