import type { FieldPath } from '@coxswain/machinery';
import type { Json } from '../../values.ts';

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Calls `visit` for every container of a pod spec, in upstream's order: init, regular, ephemeral. */
export function visitContainers(
  spec: Json,
  path: FieldPath,
  visit: (container: Json, path: FieldPath) => void,
): void {
  for (const list of lists) {
    const containers: readonly Json[] | undefined = spec[list];
    if (containers == null) continue;
    for (let i = 0; i < containers.length; i++) visit(containers[i]!, path.child(list).index(i));
  }
}
