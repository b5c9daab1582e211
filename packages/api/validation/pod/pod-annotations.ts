import { FieldPath, forbidden, goQuote, invalid } from '@coxswain/machinery';
import { type Errors, type Json, keysOf } from '../values.ts';
import { visitContainers } from './container/visit-containers.ts';
import { deletionCostAnnotation, isDeletionCost } from './deletion-cost.ts';
import { checkLeniently, type Leniency } from './leniency.ts';
import { validateLocalDescendingPath } from './paths.ts';
import { parseTolerations } from './scheduling/serialized-tolerations.ts';
import { validateTolerations } from './scheduling/tolerations.ts';

export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const tolerationsAnnotation = 'scheduler.alpha.kubernetes.io/tolerations';
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

type Annotations = Readonly<Record<string, string>>;

/** ValidatePodSpecificAnnotations. */
export function validatePodAnnotations(
  errs: Errors,
  annotations: Annotations | undefined,
  spec: Json,
  path: FieldPath,
  leniency: Leniency,
): void {
  if (annotations == null) return;
  const mirror = annotations[mirrorAnnotation];
  if (mirror != null && (spec['nodeName'] ?? '') === '') {
    const message = 'must set spec.nodeName if mirror pod annotation is set';
    errs.push(invalid(path.key(mirrorAnnotation), mirror, message));
  }
  const tolerations = annotations[tolerationsAnnotation];
  if (tolerations) validateSerializedTolerations(errs, tolerations, path);
  const cost = annotations[deletionCostAnnotation];
  if (cost != null && !leniency.deletionCost && !isDeletionCost(cost)) {
    errs.push(invalid(path.key(deletionCostAnnotation), cost, 'must be a 32bit integer'));
  }
  const keys = keysOf(annotations);
  const pod = annotations[seccompPodAnnotation];
  if (pod != null) validateSeccomp(errs, pod, path.child(seccompPodAnnotation));
  for (const key of keys) {
    if (key.startsWith(seccompPrefix)) validateSeccomp(errs, annotations[key]!, path.child(key));
  }
  for (const key of keys) {
    if (key.startsWith(appArmorPrefix)) validateAppArmor(errs, key, annotations[key]!, spec, path);
  }
}

/** Tolerations had an annotation before they had a field; what it says must still be some. */
function validateSerializedTolerations(errs: Errors, text: string, path: FieldPath): void {
  const parsed = parseTolerations(text);
  if (typeof parsed === 'string') errs.push(invalid(path, tolerationsAnnotation, parsed));
  else validateTolerations(errs, parsed, path.child(tolerationsAnnotation));
}

function validateSeccomp(errs: Errors, profile: string, path: FieldPath): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith('localhost/')) {
    validateLocalDescendingPath(errs, profile.slice('localhost/'.length), path);
  } else {
    errs.push(invalid(path, profile, 'must be a valid seccomp profile'));
  }
}

function validateAppArmor(errs: Errors, key: string, profile: string, spec: Json, path: FieldPath): void {
  const name = key.slice(appArmorPrefix.length);
  let found = false;
  visitContainers(spec, path, (container) => {
    if (container['name'] === name) found = true;
  });
  if (!found) errs.push(invalid(path.key(key), name, 'container not found'));
  if (profile === '' || profile === 'runtime/default' || profile === 'unconfined') return;
  if (profile.startsWith('localhost/')) return;
  errs.push(invalid(path.key(key), profile, `invalid AppArmor profile name: ${goQuote(profile)}`));
}

/** ValidatePodSpecificAnnotationUpdates: some annotations stay as they were created. */
export function checkAnnotationUpdates(errs: Errors, pod: Json, old: Json): void {
  const path = FieldPath.root('metadata', 'annotations');
  const now: Annotations = pod['metadata'].annotations ?? {};
  const before: Annotations = old['metadata'].annotations ?? {};
  for (const key of keysOf(before)) {
    if (Object.hasOwn(now, key) && now[key] === before[key]) continue;
    if (key.startsWith(appArmorPrefix)) {
      errs.push(forbidden(path.key(key), 'may not remove or update AppArmor annotations'));
    }
    if (key === mirrorAnnotation) {
      errs.push(forbidden(path.key(key), 'may not remove or update mirror pod annotation'));
    }
  }
  for (const key of keysOf(now)) {
    if (Object.hasOwn(before, key)) continue;
    if (key.startsWith(appArmorPrefix))
      errs.push(forbidden(path.key(key), 'may not add AppArmor annotations'));
    if (key === mirrorAnnotation) errs.push(forbidden(path.key(key), 'may not add mirror pod annotation'));
  }
  checkLeniently(errs, old, (found, leniency) => {
    validatePodAnnotations(found, pod['metadata'].annotations, pod['spec'], path, leniency);
  });
}

/** Annotations and the fields that replaced them must say the same (seccomp, AppArmor). */
export function validateProfilesMatch(
  errs: Errors,
  annotations: Annotations | undefined,
  spec: Json,
  path: FieldPath,
): void {
  if (annotations == null) return;
  const context: Json | undefined = spec['securityContext'];
  const podAnnotation = annotations[seccompPodAnnotation];
  if (podAnnotation != null) {
    const place = path.child('securityContext').child('seccompProfile');
    validateMatch(errs, 'seccomp', podAnnotation, context?.['seccompProfile'], place);
  }
  visitContainers(spec, path, (container, place) => {
    const annotation = annotations[seccompPrefix + container['name']];
    if (annotation == null) return;
    const at = place.child('securityContext').child('seccompProfile');
    validateMatch(errs, 'seccomp', annotation, container['securityContext']?.seccompProfile, at);
  });
  if (spec['os']?.name === 'windows') return;
  visitContainers(spec, path, (container, place) => {
    const annotation = annotations[appArmorPrefix + container['name']];
    if (annotation == null) return;
    const profile = container['securityContext']?.appArmorProfile ?? context?.['appArmorProfile'];
    const at = place.child('securityContext').child('appArmorProfile');
    validateMatch(errs, 'apparmor', annotation, profile, at);
  });
}

function validateMatch(
  errs: Errors,
  what: 'seccomp' | 'apparmor',
  annotation: string,
  profile: Json | undefined,
  path: FieldPath,
): void {
  if (profile == null) return;
  const wrongType = `${what} type in annotation and field must match`;
  switch (profile['type']) {
    case 'Unconfined':
      if (annotation !== 'unconfined') errs.push(forbidden(path.child('type'), wrongType));
      break;
    case 'RuntimeDefault':
      if (annotation === 'runtime/default') break;
      if (what === 'seccomp' && annotation === 'docker/default') break;
      errs.push(forbidden(path.child('type'), wrongType));
      break;
    case 'Localhost':
      if (!annotation.startsWith('localhost/')) errs.push(forbidden(path.child('type'), wrongType));
      else if (annotation.slice('localhost/'.length) !== profile['localhostProfile']) {
        const message = `${what} profile in annotation and field must match`;
        errs.push(forbidden(path.child('localhostProfile'), message));
      }
      break;
    default:
  }
}
