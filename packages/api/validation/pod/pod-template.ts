import { type FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { labelSelectorMatches } from '../label-selector.ts';
import { validateAnnotations, validateLabels } from '../object-meta.ts';
import { type Errors, type Json, sizeOf, sortedMap } from '../values.ts';
import { checkLeniently } from './leniency.ts';
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';

/**
 * ValidatePodTemplateSpec: metadata and spec of the pods to come.
 *
 * @param old the stored template, which may keep what it had before rules that came later
 */
export function validatePodTemplateSpec(errs: Errors, template: Json, path: FieldPath, old?: Json): void {
  const meta: Json = template['metadata'] ?? {};
  const spec: Json = template['spec'] ?? {};
  validateLabels(errs, meta['labels'], path.child('labels'));
  validateAnnotations(errs, meta['annotations'], path.child('annotations'));
  checkLeniently(errs, old, (found, leniency) => {
    validatePodAnnotations(found, meta['annotations'], spec, path.child('annotations'), leniency);
    const context = { podName: undefined, isPod: false, isMirror: false, leniency };
    validatePodSpec(found, spec, path.child('spec'), context);
  });
  validateProfilesMatch(errs, meta['annotations'], spec, path.child('spec'));
  if (sizeOf(spec['ephemeralContainers']) > 0) {
    const message = 'ephemeral containers not allowed in pod template';
    errs.push(forbidden(path.child('spec', 'ephemeralContainers'), message));
  }
}

/** The template's labels must satisfy the selector of the object that owns it; an empty one is not asked. */
export function validateSelectorMatchesTemplate(
  errs: Errors,
  selector: Json | undefined,
  template: Json,
  path: FieldPath,
): void {
  const labels: Json | undefined = template['metadata']?.labels;
  if (labelSelectorMatches(selector, labels ?? {}) !== false) return;
  errs.push(
    invalid(
      path.child('metadata', 'labels'),
      sortedMap(labels),
      '`selector` does not match template `labels`',
    ),
  );
}
