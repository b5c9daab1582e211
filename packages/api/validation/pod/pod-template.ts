import { type FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { labelSelectorMatches } from '../label-selector.ts';
import { validateAnnotations, validateLabels } from '../object-meta.ts';
import { type Errors, type Json, sizeOf, sortedMap } from '../values.ts';
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';

/** ValidatePodTemplateSpec: metadata and spec of the pods to come. */
export function validatePodTemplateSpec(errs: Errors, template: Json, path: FieldPath): void {
  const meta: Json = template['metadata'] ?? {};
  const spec: Json = template['spec'] ?? {};
  validateLabels(errs, meta['labels'], path.child('labels'));
  validateAnnotations(errs, meta['annotations'], path.child('annotations'));
  validatePodAnnotations(errs, meta['annotations'], spec, path.child('annotations'));
  validatePodSpec(errs, spec, path.child('spec'), { podName: undefined, isPod: false });
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
