import { type FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import {
  isEmptyLabelSelector,
  labelSelectorMatches,
  printedSelector,
  validateLabelSelector,
} from '../label-selector.ts';
import { validatePodTemplateSpec, validateSelectorMatchesTemplate } from '../pod/pod-template.ts';
import type { Errors, Json } from '../values.ts';

/** The selector of a workload: there, well-formed and not empty. */
export function validateWorkloadSelector(
  errs: Errors,
  selector: Json | undefined,
  path: FieldPath,
  emptyMessage: string,
): void {
  if (selector == null) {
    errs.push(required(path));
    return;
  }
  validateLabelSelector(errs, selector, path);
  if (isEmptyLabelSelector(selector)) errs.push(invalid(path, printedSelector(selector), emptyMessage));
}

/** Whether a selector can be compiled; an absent one compiles to one that matches nothing. */
export function selectorCompiles(selector: Json | undefined): boolean {
  return labelSelectorMatches(selector ?? undefined, {}) !== undefined;
}

/** The template of a workload whose pods run for good; an update keeps what the stored one was excused from. */
export function validateWorkloadTemplate(
  errs: Errors,
  selector: Json | undefined,
  template: Json,
  path: FieldPath,
  kind: string,
  old: Json | undefined,
): void {
  if (selector == null || !isEmptyLabelSelector(selector)) {
    validateSelectorMatchesTemplate(errs, selector ?? undefined, template, path);
  }
  validatePodTemplateSpec(errs, template, path, old);
  validateRunsForGood(errs, template, path, kind);
}

/** Restarts always, and has no deadline. */
export function validateRunsForGood(errs: Errors, template: Json, path: FieldPath, kind: string): void {
  const spec: Json = template['spec'] ?? {};
  if (spec['restartPolicy'] !== 'Always') {
    errs.push(notSupported(path.child('spec', 'restartPolicy'), spec['restartPolicy'] ?? '', ['Always']));
  }
  if (spec['activeDeadlineSeconds'] != null) {
    const message = `activeDeadlineSeconds in ${kind} is not Supported`;
    errs.push(forbidden(path.child('spec', 'activeDeadlineSeconds'), message));
  }
}
