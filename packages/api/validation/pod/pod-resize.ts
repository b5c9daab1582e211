import { deepEqual, FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { validateFinalizersOnUpdate, validateObjectMetaUpdate } from '../object-meta.ts';
import { type Errors, type Json, keysOf, sizeOf, specPath } from '../values.ts';
import { isSidecar } from './container.ts';
import { validatePodMetadataAndSpec } from './pod.ts';
import { mirrorAnnotation } from './pod-annotations.ts';
import { computePodQOS, getPodQOS } from './qos.ts';

/** ValidatePodResize: cpu and memory of containers and sidecars, nothing else. */
export function validatePodResize(errs: Errors, pod: Json, old: Json): void {
  const refusal = whyNotResizable(old);
  if (refusal != null) {
    // how upstream prints a path whose only element has no name
    errs.push(forbidden(FieldPath.root('[]'), refusal));
    return;
  }
  const start = errs.length;
  validateObjectMetaUpdate(errs, pod['metadata'], old['metadata']);
  validateFinalizersOnUpdate(errs, pod['metadata']);
  validatePodMetadataAndSpec(errs, pod);
  if (getPodQOS(old) !== computePodQOS(pod)) {
    const message = 'Pod QOS Class may not change as a result of resizing';
    errs.push(invalid(specPath, pod['status']?.qosClass ?? '', message));
  }
  const running: Json | undefined = old['status']?.containerStatuses?.find((s: Json) => s['state']?.running);
  if (running != null && running['resources'] == null) {
    errs.push(forbidden(specPath, 'Pod running on node without support for resize'));
  }
  const spec: Json = pod['spec'];
  const before: Json = old['spec'];
  for (const list of ['initContainers', 'containers']) validateEach(errs, spec, before, list);
  const munged: Json = { ...spec };
  munged['containers'] = compareContainers(errs, spec, before, 'containers');
  if (spec['initContainers'] != null) {
    munged['initContainers'] = compareContainers(errs, spec, before, 'initContainers');
  }
  if (spec['resources'] != null && before['resources'] != null) {
    munged['resources'] = oldCompute(spec['resources'], before['resources']);
  }
  if (errs.length > start || deepEqual(munged, before)) return;
  errs.push(forbidden(specPath, 'only cpu and memory resources are mutable'));
}

function whyNotResizable(old: Json): string | undefined {
  if (old['metadata'].annotations?.[mirrorAnnotation] != null) return 'static pods cannot be resized';
  if (old['spec'].os?.name === 'windows') return 'windows pods cannot be resized';
  return undefined;
}

function validateEach(errs: Errors, spec: Json, before: Json, list: string): void {
  const olds: readonly Json[] = before[list] ?? [];
  olds.forEach((old, i) => {
    const now: Json | undefined = spec[list]?.[i];
    if (now == null || (list === 'initContainers' && !isSidecar(old))) return;
    validateContainerResize(errs, now, old, specPath.child(list).index(i).child('resources'));
  });
}

function validateContainerResize(errs: Errors, now: Json, old: Json, path: FieldPath): void {
  for (const member of ['requests', 'limits'] as const) {
    if (!removed(now['resources']?.[member], old['resources']?.[member])) continue;
    errs.push(forbidden(path.child(member), `resource ${member} cannot be removed`));
  }
}

function removed(now: Json | undefined, old: Json | undefined): boolean {
  return sizeOf(old) > sizeOf(now) || keysOf(old).some((name) => now?.[name] == null);
}

/** The containers with cpu and memory put back, having said where more than these changed. */
function compareContainers(errs: Errors, spec: Json, before: Json, list: string): Json[] {
  const containers: readonly Json[] = spec[list] ?? [];
  return containers.map((container, i) => {
    const old: Json | undefined = before[list]?.[i];
    if (old == null) return container;
    if (list === 'initContainers' && !isSidecar(container)) {
      if (!deepEqual(container, old)) {
        errs.push(forbidden(specPath, 'resources for non-sidecar init containers are immutable'));
      }
      return container;
    }
    const munged = withOldCompute(container, old);
    if (!deepEqual(munged, old)) {
      const which = list === 'initContainers' ? ' for sidecar containers' : '';
      errs.push(forbidden(specPath, `only cpu and memory resources${which} are mutable`));
    }
    return munged;
  });
}

function withOldCompute(container: Json, old: Json): Json {
  return { ...container, resources: oldCompute(container['resources'], old['resources'] ?? {}) };
}

function oldCompute(now: Json | undefined, old: Json): Json {
  const resources: Json = { ...now };
  for (const member of ['limits', 'requests']) {
    const before: Json | undefined = old[member];
    if (before == null) {
      delete resources[member];
      continue;
    }
    const list: Json = { ...resources[member] };
    for (const name of ['cpu', 'memory']) {
      if (before[name] == null) delete list[name];
      else list[name] = before[name];
    }
    resources[member] = list;
  }
  return resources;
}
