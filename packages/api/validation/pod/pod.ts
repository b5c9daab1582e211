import { forbidden } from '@coxswain/machinery';
import { dnsSubdomainName } from '../names.ts';
import { validateObjectMeta } from '../object-meta.ts';
import { blank, type Errors, type Json, metadataPath, sizeOf, specPath } from '../values.ts';
import { validateContainerOnlyForPod } from './container/container.ts';
import { checkLeniently } from './leniency.ts';
import { mirrorAnnotation, validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';

const metaRules = { namespaced: true, name: dnsSubdomainName, standardFinalizers: true };
const annotationsPath = metadataPath.child('annotations');

/** validatePodMetadataAndSpec: what a pod must satisfy at any time; a stored one keeps what it was excused from. */
export function validatePodMetadataAndSpec(errs: Errors, pod: Json, old?: Json): void {
  const spec: Json = pod['spec'];
  const { name, annotations } = pod['metadata'];
  validateObjectMeta(errs, pod['metadata'], metaRules);
  checkLeniently(errs, old, (found, leniency) => {
    validatePodAnnotations(found, annotations, spec, annotationsPath, leniency);
    const isMirror = annotations?.[mirrorAnnotation] !== undefined;
    validatePodSpec(found, spec, specPath, { podName: name, isPod: true, isMirror, leniency });
  });
  if (blank(spec['serviceAccountName'])) validateNoTokens(errs, spec);
  for (const list of ['containers', 'initContainers']) {
    const containers: readonly Json[] = spec[list] ?? [];
    for (let i = 0; i < containers.length; i++) {
      validateContainerOnlyForPod(errs, containers[i]!, specPath.child(list).index(i));
    }
  }
}

/** Without a service account there are no tokens to project. */
function validateNoTokens(errs: Errors, spec: Json): void {
  const volumes: readonly Json[] = spec['volumes'] ?? [];
  volumes.forEach((volume, i) => {
    const sources: readonly Json[] = volume['projected']?.sources ?? [];
    sources.forEach((source, j) => {
      if (source['serviceAccountToken'] == null) return;
      const place = specPath.child('volumes').index(i).child('projected').child('sources').index(j);
      const message = 'must not be specified when serviceAccountName is not set';
      errs.push(forbidden(place.child('serviceAccountToken'), message));
    });
  });
}

/** ValidatePodCreate. */
export function validatePodCreate(errs: Errors, pod: Json): void {
  const spec: Json = pod['spec'];
  validatePodMetadataAndSpec(errs, pod);
  if (sizeOf(spec['ephemeralContainers']) > 0) {
    errs.push(forbidden(specPath.child('ephemeralContainers'), 'cannot be set on create'));
  }
  if (!blank(spec['nodeName']) && sizeOf(spec['schedulingGates']) > 0) {
    errs.push(
      forbidden(specPath.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'),
    );
  }
  validateProfilesMatch(errs, pod['metadata'].annotations, spec, specPath);
}
