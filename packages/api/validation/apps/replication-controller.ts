import { invalid, required } from '@coxswain/machinery';
import { validatePodTemplateSpec } from '../pod/pod-template.ts';
import { type Errors, type Json, nonNegative, sizeOf, sortedMap, specPath } from '../values.ts';
import { validateRunsForGood } from './workload-template.ts';

/** ValidateReplicationControllerSpec: the selector is a plain map; an update keeps what its template was excused from. */
export function validateReplicationController(errs: Errors, controller: Json, old: Json | undefined): void {
  const spec: Json = controller['spec'];
  const selector: Json = spec['selector'] ?? {};
  const template: Json | undefined = spec['template'];
  const path = specPath.child('template');
  nonNegative(errs, specPath.child('minReadySeconds'), spec['minReadySeconds']);
  if (sizeOf(selector) === 0) errs.push(required(specPath.child('selector')));
  nonNegative(errs, specPath.child('replicas'), spec['replicas']);
  if (template == null) {
    errs.push(required(path));
    return;
  }
  const labels: Json = template['metadata']?.labels ?? {};
  if (Object.keys(selector).some((key) => labels[key] !== selector[key])) {
    const shown = sortedMap(template['metadata']?.labels);
    errs.push(
      invalid(path.child('metadata', 'labels'), shown, '`selector` does not match template `labels`'),
    );
  }
  validatePodTemplateSpec(errs, template, path, old?.['spec'].template ?? undefined);
  validateRunsForGood(errs, template, path, 'ReplicationController');
}
