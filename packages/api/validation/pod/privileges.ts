import { type FieldError, FieldPath, forbidden } from '@coxswain/machinery';
import type { Json } from '../values.ts';
import { visitContainers } from './container/visit-containers.ts';

/** Where the kinds keep the spec of a pod, unless under `spec.template`. */
const places: Readonly<Record<string, readonly [string, ...string[]]>> = {
  Pod: ['spec'],
  PodTemplate: ['template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};
const usual = ['spec', 'template', 'spec'] as const;

/** What a cluster without privileged containers finds wrong with a pod, or with the template of a workload. */
export function privilegeFaults(object: Json): FieldError[] {
  const names = places[object['kind']] ?? usual;
  const spec = names.reduce<Json | undefined>((holder, name) => holder?.[name] ?? undefined, object);
  if (spec === undefined) return [];
  const path = FieldPath.root(...names);
  const out: FieldError[] = [];
  const byPod = isHostProcess(spec);
  let hasHostProcess = false;
  visitContainers(spec, path, (container, place) => {
    if (container['securityContext']?.privileged === true) {
      out.push(forbidden(place.child('securityContext', 'privileged'), 'disallowed by cluster policy'));
    }
    hasHostProcess ||= isHostProcess(container) ?? byPod ?? false;
  });
  if (hasHostProcess) out.push(forbidden(path, 'hostProcess containers are disallowed by cluster policy'));
  return out;
}

/** What a pod or a container says itself of running as a process of its Windows host. */
function isHostProcess(holder: Json): boolean | undefined {
  return holder['securityContext']?.windowsOptions?.hostProcess ?? undefined;
}
