import { duplicate, type FieldPath, forbidden, invalid, notFound, required } from '@coxswain/machinery';
import { validateDNS1123Label } from '../../formats.ts';
import { blank, byteLength, type Errors, type Json, oneOf, requireText, sizeOf } from '../../values.ts';
import type { Leniency } from '../leniency.ts';
import type { VolumesByName } from '../volumes/volumes.ts';
import { validatePullPolicy, validateTerminationMessagePolicy } from './container-enums.ts';
import { checkHostPortConflicts, validateContainerPorts } from './container-ports.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateMountsAndDevices } from './mounts.ts';
import { type GracePeriod, validateLifecycle, validateProbes } from './probes.ts';
import { validateContainerResources } from './resource-requirements.ts';
import { validateInitRestartRules, validateRestartRules } from './restart-rules.ts';
import { validateSecurityContext } from './security-context.ts';

/** What a container's validation must know of its pod. */
export interface ContainerContext {
  readonly volumes: VolumesByName;
  readonly claimNames: ReadonlySet<string>;
  readonly grace: GracePeriod;
  readonly restartPolicy: string;
  /** False when the pod has its own user namespace. */
  readonly hostUsers: boolean;
  readonly leniency: Leniency;
}

/** What all kinds of containers are checked for. */
function validateContainerCommon(
  errs: Errors,
  container: Json,
  path: FieldPath,
  context: ContainerContext,
): void {
  const name: string | undefined = container['name'];
  if (requireText(errs, path.child('name'), name)) validateDNS1123Label(errs, name, path.child('name'));
  if (blank(container['image'])) errs.push(required(path.child('image')));
  validateTerminationMessagePolicy(
    errs,
    container['terminationMessagePolicy'],
    path.child('terminationMessagePolicy'),
  );
  validateContainerPorts(errs, container['ports'], path.child('ports'));
  validateEnv(errs, container['env'], path.child('env'));
  validateEnvFrom(errs, container['envFrom'], path.child('envFrom'));
  validateMountsAndDevices(errs, container, context.volumes, path);
  validatePullPolicy(errs, container['imagePullPolicy'], path.child('imagePullPolicy'));
  validateContainerResources(
    errs,
    container['resources'],
    context.claimNames,
    path.child('resources'),
    context.leniency,
  );
  validateResizePolicy(errs, container['resizePolicy'], path.child('resizePolicy'), context.restartPolicy);
  validateSecurityContext(
    errs,
    container['securityContext'],
    path.child('securityContext'),
    context.hostUsers,
  );
}

function validateResizePolicy(
  errs: Errors,
  policies: readonly Json[] | undefined,
  path: FieldPath,
  podRestartPolicy: string,
): void {
  if (policies == null) return;
  const seen = new Set<string>();
  policies.forEach((policy, i) => {
    const resource: string = policy['resourceName'] ?? '';
    const restart: string = policy['restartPolicy'] ?? '';
    if (seen.has(resource)) errs.push(duplicate(path.index(i), resource));
    seen.add(resource);
    if (requireText(errs, path, resource)) oneOf(errs, path, resource, ['cpu', 'memory']);
    if (requireText(errs, path, restart)) oneOf(errs, path, restart, ['NotRequired', 'RestartContainer']);
    if (podRestartPolicy === 'Never' && restart !== 'NotRequired') {
      errs.push(invalid(path, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
  });
}

/** The regular containers of a pod or template. */
export function validateContainers(
  errs: Errors,
  containers: readonly Json[] | undefined,
  path: FieldPath,
  context: ContainerContext,
): void {
  if (containers == null || containers.length === 0) {
    errs.push(required(path));
    return;
  }
  const names = new Set<string>();
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!;
    const place = path.index(i);
    validateContainerCommon(errs, container, place, context);
    const name: string = container['name'] ?? '';
    if (names.has(name)) errs.push(duplicate(place.child('name'), name));
    names.add(name);
    if (container['lifecycle'] != null) {
      validateLifecycle(errs, container['lifecycle'], context.grace, place.child('lifecycle'));
    }
    validateProbes(errs, container, context.grace, place);
    validateRestartRules(errs, container, place);
  }
  checkHostPortConflicts(errs, containers, path);
}

/** Init containers; those that restart always (sidecars) may have hooks and probes. */
export function validateInitContainers(
  errs: Errors,
  containers: readonly Json[] | undefined,
  regular: readonly Json[] | undefined,
  path: FieldPath,
  context: ContainerContext,
): void {
  if (containers == null) return;
  const names = new Set<string>(regular?.map((c) => c['name'] ?? ''));
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!;
    const place = path.index(i);
    validateContainerCommon(errs, container, place, context);
    validateInitRestartRules(errs, container, place);
    const name: string = container['name'] ?? '';
    if (names.has(name)) errs.push(duplicate(place.child('name'), name));
    else if (name !== '') names.add(name);
    checkHostPortConflicts(errs, [container], path);
    if (isSidecar(container)) {
      if (container['lifecycle'] != null) {
        validateLifecycle(errs, container['lifecycle'], context.grace, place.child('lifecycle'));
      }
      validateProbes(errs, container, context.grace, place);
    } else {
      validateEndingContainer(errs, container, place, context.leniency);
    }
  }
}

/** An init container that ends has nobody to probe it, and is not there to be restarted. */
function validateEndingContainer(errs: Errors, container: Json, path: FieldPath, leniency: Leniency): void {
  for (const member of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[member] == null) continue;
    const message = 'may not be set for init containers without restartPolicy=Always';
    errs.push(forbidden(path.child(member), message));
  }
  if (leniency.restartOfInitContainers) return;
  const policies: readonly Json[] = container['resizePolicy'] ?? [];
  policies.forEach(({ restartPolicy }, i) => {
    if (restartPolicy !== 'RestartContainer') return;
    const place = path.child('resizePolicy').index(i).child('restartPolicy');
    const message = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    errs.push(invalid(place, restartPolicy, message));
  });
}

/** Whether an init container keeps running beside the pod's containers. */
export function isSidecar(container: Json): boolean {
  return container['restartPolicy'] === 'Always';
}

/** In the order of the struct. */
const ephemeralForbidden = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

/** Ephemeral containers: no ports, probes, hooks, resources or sub-paths. */
export function validateEphemeralContainers(
  errs: Errors,
  spec: Json,
  path: FieldPath,
  context: ContainerContext,
): void {
  const containers: readonly Json[] | undefined = spec['ephemeralContainers'];
  if (containers == null) return;
  const others = new Set<string>();
  for (const list of ['containers', 'initContainers']) for (const c of spec[list] ?? []) others.add(c.name);
  const names = new Set(others);
  containers.forEach((container, i) => {
    const place = path.index(i);
    validateContainerCommon(errs, container, place, context);
    validateContainerOnlyForPod(errs, container, place);
    const { name, targetContainerName } = container;
    if (names.has(name)) errs.push(duplicate(place.child('name'), name));
    names.add(name);
    if (!blank(targetContainerName) && !others.has(targetContainerName)) {
      errs.push(notFound(place.child('targetContainerName'), targetContainerName));
    }
    for (const member of ephemeralForbidden) {
      const value = container[member];
      // of these only the resources are held by value: all else counts as set when it is there, empty or not
      if (value == null || (member === 'resources' && sizeOf(value) === 0)) continue;
      errs.push(forbidden(place.child(member), 'cannot be set for an Ephemeral Container'));
    }
    const mounts: readonly Json[] = container['volumeMounts'] ?? [];
    mounts.forEach((mount, j) => {
      for (const member of ['subPath', 'subPathExpr']) {
        if (blank(mount[member])) continue;
        const at = place.child('volumeMounts').index(j).child(member);
        errs.push(forbidden(at, 'cannot be set for an Ephemeral Container'));
      }
    });
  });
}

/** What holds for the containers of pods but, for compatibility, not for those of templates. */
export function validateContainerOnlyForPod(errs: Errors, container: Json, path: FieldPath): void {
  const image: string = container['image'] ?? '';
  if (byteLength(image) !== byteLength(image.trim())) {
    errs.push(invalid(path.child('image'), image, 'must not have leading or trailing whitespace'));
  }
}
