import { type FieldPath, forbidden, invalid, parseQuantity } from '@coxswain/machinery';
import { aggregateContainerResources } from '../../pod-resources.ts';
import { type Errors, type Json, keysOf } from '../values.ts';
import { validatePodLevelRequirements } from './resource-requirements.ts';

/** Resources of a pod as a whole: well-formed, and consistent with its containers'. */
export function validatePodResources(
  errs: Errors,
  spec: Json,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
): void {
  const resources: Json | undefined = spec['resources'];
  if (resources == null) return;
  if (resources['claims'] != null) {
    errs.push(forbidden(path.child('claims'), 'claims cannot be set for Resources at pod-level'));
  }
  validatePodLevelRequirements(errs, resources, claimNames, path);
  const requests = aggregateContainerResources(spec, 'requests');
  for (const name of keysOf(requests)) {
    const pod: string = resources['requests']?.[name] ?? '0';
    const sum = requests[name]!;
    if (sum.compare(parseQuantity(pod)) <= 0) continue;
    const message = `must be greater than or equal to aggregate container requests of ${sum.toString()}`;
    errs.push(invalid(path.child('requests').key(name), pod, message));
  }
  const containers: readonly Json[] = spec['containers'] ?? [];
  containers.forEach((container, i) => {
    const limits: Json | undefined = container['resources']?.limits;
    for (const name of keysOf(limits)) {
      const pod: string | undefined = resources['limits']?.[name];
      if (pod == null || parseQuantity(limits![name]).compare(parseQuantity(pod)) <= 0) continue;
      const place = path.child('containers').index(i).key(name).child('limits');
      errs.push(invalid(place, limits![name], `must be less than or equal to pod limits of ${pod}`));
    }
  });
}
