import { type FieldPath, forbidden, invalid, parseQuantity } from '@coxswain/machinery';
import { aggregateContainerResources } from '../../pod-resources.ts';
import { isHugePageResource } from '../resource-names.ts';
import { type Errors, type Json, keysOf } from '../values.ts';
import { validatePodLevelRequirements } from './container/resource-requirements.ts';
import type { Leniency } from './leniency.ts';

/** Resources of a pod as a whole: well-formed, and consistent with its containers'. */
export function validatePodResources(
  errs: Errors,
  spec: Json,
  claimNames: ReadonlySet<string>,
  path: FieldPath,
  leniency: Leniency,
): void {
  const resources: Json | undefined = spec['resources'];
  if (resources == null) return;
  if (spec['os']?.name === 'windows') {
    errs.push(forbidden(path, 'may not be set for a windows pod'));
    return;
  }
  if (resources['claims'] != null) {
    errs.push(forbidden(path.child('claims'), 'claims may not be set for Resources at pod-level'));
  }
  validatePodLevelRequirements(errs, resources, claimNames, path, leniency);
  coversContainers(errs, spec, 'requests', path);
  coversContainers(errs, spec, 'limits', path);
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

/** What the pod says must be enough for its containers together; limits only where they cannot be overcommitted. */
function coversContainers(errs: Errors, spec: Json, member: 'requests' | 'limits', path: FieldPath): void {
  const said: Json | undefined = spec['resources'][member];
  const sums = aggregateContainerResources(spec, member);
  for (const name of keysOf(sums)) {
    const pod: string | undefined = said?.[name];
    if (pod == null || (member === 'limits' && !isHugePageResource(name))) continue;
    const sum = sums[name]!;
    if (sum.compare(parseQuantity(pod)) <= 0) continue;
    const message = `must be greater than or equal to aggregate container ${member} of ${sum.toString()}`;
    errs.push(invalid(path.child(member).key(name), pod, message));
  }
}
