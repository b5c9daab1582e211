import { type FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { goEqual } from '../../go-equal.ts';
import { validateFinalizersOnUpdate, validateObjectMetaUpdate } from '../object-meta.ts';
import { type Errors, type Json, keysOf, namelessPath, sizeOf, specPath } from '../values.ts';
import { isSidecar } from './container/container.ts';
import { validatePodMetadataAndSpec } from './pod.ts';
import { mirrorAnnotation } from './pod-annotations.ts';
import { computePodQOS, getPodQOS } from './qos.ts';

const lists = ['initContainers', 'containers'] as const;

/** ValidatePodResize: cpu and memory of the containers and of the pod as a whole, nothing else. */
export function validatePodResize(errs: Errors, pod: Json, old: Json): void {
  const refusal = whyNotResizable(old);
  if (refusal != null) {
    errs.push(forbidden(namelessPath, refusal));
    return;
  }
  const start = errs.length;
  validateObjectMetaUpdate(errs, pod['metadata'], old['metadata']);
  validateFinalizersOnUpdate(errs, pod['metadata']);
  validatePodMetadataAndSpec(errs, pod, old);
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
  const munged: Json = { ...spec };
  if (hasResources(spec) || hasResources(before)) {
    munged['resources'] = comparePodLevel(errs, spec['resources'], before['resources']);
  }
  if (sizeOf(old['status']?.nodeAllocatableResourceClaimStatuses) > 0) {
    errs.push(forbidden(specPath, 'pods with node allocatable resource claims cannot be resized'));
  }
  if (!validateOrder(errs, spec, before)) return;
  for (const list of lists) nothingRemoved(errs, spec[list], before[list], specPath.child(list));
  munged['containers'] = compareContainers(errs, spec['containers'], before['containers']);
  munged['initContainers'] = compareInitContainers(errs, spec['initContainers'], before['initContainers']);
  if (errs.length > start || goEqual(munged, before, 'io.k8s.api.core.v1.PodSpec')) return;
  errs.push(forbidden(specPath, 'only cpu and memory resources are mutable'));
}

function whyNotResizable(old: Json): string | undefined {
  if (old['metadata'].annotations?.[mirrorAnnotation] != null) return 'static pods cannot be resized';
  if (old['spec'].os?.name === 'windows') return 'windows pods cannot be resized';
  return undefined;
}

function hasResources(spec: Json): boolean {
  return sizeOf(spec['resources']?.requests) + sizeOf(spec['resources']?.limits) > 0;
}

/** The resources of the pod as a whole with cpu and memory put back, having said what else changed. */
function comparePodLevel(errs: Errors, now: Json | undefined, old: Json | undefined): Json | undefined {
  const path = specPath.child('resources');
  if (old != null && now == null) {
    errs.push(forbidden(path, 'pod-level resources cannot be removed'));
    return now;
  }
  if (old != null) keepsAll(errs, now ?? {}, old, path, 'pod-level resource');
  if (now == null) return undefined;
  const munged = withOldCompute(now, old ?? {});
  const isBare =
    old == null && ['requests', 'limits', 'claims'].every((member) => sizeOf(munged[member]) === 0);
  if (isBare) return undefined;
  if (old == null || !goEqual(munged, old, requirements)) {
    errs.push(forbidden(specPath, 'only cpu and memory resources are mutable at pod-level'));
  }
  return munged;
}

/** Containers stay where they are and keep their names; tells whether to go on. */
function validateOrder(errs: Errors, spec: Json, before: Json): boolean {
  const found = errs.length;
  for (const list of ['containers', 'initContainers'] as const) {
    const now: readonly Json[] = spec[list] ?? [];
    const old: readonly Json[] = before[list] ?? [];
    const path = specPath.child(list);
    if (now.length !== old.length) {
      errs.push(forbidden(path, `${list} may not be added or removed on resize`));
      continue;
    }
    old.forEach((container, i) => {
      if (now[i]!['name'] === container['name']) return;
      errs.push(forbidden(path.index(i).child('name'), `${list} may not be renamed or reordered on resize`));
    });
  }
  return errs.length === found;
}

function nothingRemoved(
  errs: Errors,
  containers: readonly Json[] | undefined,
  before: readonly Json[] | undefined,
  path: FieldPath,
): void {
  before?.forEach((old, i) => {
    const now: Json = containers![i]!['resources'] ?? {};
    keepsAll(errs, now, old['resources'] ?? {}, path.index(i).child('resources'), 'resource');
  });
}

/** What was requested or limited once stays so. */
function keepsAll(errs: Errors, now: Json, old: Json, path: FieldPath, what: string): void {
  for (const member of ['requests', 'limits'] as const) {
    const before: Json | undefined = old[member];
    const isLess = sizeOf(before) > sizeOf(now[member]);
    if (!isLess && keysOf(before).every((name) => now[member]?.[name] != null)) continue;
    errs.push(forbidden(path.child(member), `${what} ${member} cannot be removed`));
  }
}

const requirements = 'io.k8s.api.core.v1.ResourceRequirements';
const container = 'io.k8s.api.core.v1.Container';

/** The containers with cpu and memory put back, having said where more than these changed. */
function compareContainers(
  errs: Errors,
  containers: readonly Json[] | undefined,
  before: readonly Json[] | undefined,
): Json[] | undefined {
  return containers?.map((now, i) => {
    const munged = mungedContainer(now, before![i]!);
    if (!goEqual(munged, before![i]!, container)) {
      errs.push(forbidden(specPath, 'only cpu and memory resources are mutable'));
    }
    return munged;
  });
}

/** The same for init containers, of which those that end cannot be restarted to be resized. */
function compareInitContainers(
  errs: Errors,
  containers: readonly Json[] | undefined,
  before: readonly Json[] | undefined,
): Json[] | undefined {
  return containers?.map((now, i) => {
    const old = before![i]!;
    const path = specPath.child('initContainers').index(i);
    const munged = mungedContainer(now, old);
    if (!goEqual(munged, old, container)) {
      const message = 'only cpu and memory resources for init or sidecar containers are mutable';
      errs.push(forbidden(path, message));
    }
    if (isSidecar(now) || goEqual(now, old, container)) return munged;
    for (const { restartPolicy } of (now['resizePolicy'] ?? []) as Json[]) {
      if (restartPolicy !== 'RestartContainer') continue;
      const message =
        'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
      errs.push(forbidden(path, message));
    }
    return munged;
  });
}

function mungedContainer(now: Json, old: Json): Json {
  // claims are not kept in what is compared: a container that has some cannot be resized
  const { claims: _, ...resources } = withOldCompute(now['resources'] ?? {}, old['resources'] ?? {});
  return { ...now, resources };
}

function withOldCompute(now: Json, old: Json): Json {
  const resources: Json = { ...now };
  for (const member of ['limits', 'requests']) {
    const before: Json | undefined = old[member];
    if (before == null && resources[member] == null) continue;
    const list: Json = { ...resources[member] };
    for (const name of ['cpu', 'memory']) {
      if (before?.[name] == null) delete list[name];
      else list[name] = before[name];
    }
    resources[member] = list;
  }
  return resources;
}
