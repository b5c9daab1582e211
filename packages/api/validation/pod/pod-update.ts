import { deepEqual, type FieldPath, forbidden, goQuote, invalid, required } from '@coxswain/machinery';
import { goEqual } from '../../go-equal.ts';
import { goDiff } from '../go-diff.ts';
import { semanticEqual } from '../immutable.ts';
import { validateFinalizersOnUpdate, validateObjectMetaUpdate } from '../object-meta.ts';
import {
  type Errors,
  type Json,
  maxInt32,
  namelessPath,
  rangeMessage,
  sizeOf,
  sortedMap,
  specPath,
} from '../values.ts';
import { validatePodMetadataAndSpec } from './pod.ts';
import { checkAnnotationUpdates, mirrorAnnotation } from './pod-annotations.ts';
import { validateTolerations } from './scheduling/tolerations.ts';

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

const podSpec = 'io.k8s.api.core.v1.PodSpec';
const ephemeralContainer = 'io.k8s.api.core.v1.EphemeralContainer';

/** ValidatePodUpdate: of a running pod only a few fields may change. */
export function validatePodUpdate(errs: Errors, pod: Json, old: Json): void {
  const spec: Json = pod['spec'];
  const before: Json = old['spec'];
  validateObjectMetaUpdate(errs, pod['metadata'], old['metadata']);
  validateFinalizersOnUpdate(errs, pod['metadata']);
  validatePodMetadataAndSpec(errs, pod, old);
  checkAnnotationUpdates(errs, pod, old);
  for (const list of ['containers', 'initContainers']) {
    if (!validateContainerUpdates(errs, spec[list], before[list], specPath.child(list))) return;
  }
  if (!validateDeadline(errs, spec['activeDeadlineSeconds'], before['activeDeadlineSeconds'])) return;
  onlyAddedTolerations(errs, spec, before);
  onlyRemovedGates(errs, spec, before);
  if (goEqual(spec, before, podSpec)) return;
  validateTheRest(errs, spec, before);
}

/** Tells whether the lists correspond, so that one may go on. */
function validateContainerUpdates(
  errs: Errors,
  containers: readonly Json[] | undefined,
  before: readonly Json[] | undefined,
  path: FieldPath,
): boolean {
  if (sizeOf(containers as unknown[]) !== sizeOf(before as unknown[])) {
    errs.push(forbidden(path, 'pod updates may not add or remove containers'));
    return false;
  }
  containers?.forEach((container, i) => {
    const image: string = container['image'] ?? '';
    if (image === '') errs.push(required(path.index(i).child('image')));
    if (image.trim() !== image) {
      const message = 'must not have leading or trailing whitespace';
      errs.push(invalid(path.index(i).child('image'), image, message));
    }
  });
  return true;
}

/** A deadline may be set, or brought forward; tells whether to go on. */
function validateDeadline(errs: Errors, now: number | undefined, before: number | undefined): boolean {
  const path = specPath.child('activeDeadlineSeconds');
  if (now == null) {
    if (before != null) {
      // a nil pointer prints as a text
      errs.push(invalid(path, 'null', 'must not update from a positive integer to nil value'));
    }
    return true;
  }
  if (now < 0 || now > maxInt32) {
    errs.push(invalid(path, now, rangeMessage(0, maxInt32)));
    return false;
  }
  if (before != null && before < now) {
    errs.push(invalid(path, now, 'must be less than or equal to previous value'));
    return false;
  }
  return true;
}

function onlyAddedTolerations(errs: Errors, spec: Json, before: Json): void {
  const path = specPath.child('tolerations');
  const now: readonly Json[] = spec['tolerations'] ?? [];
  const timeless = (toleration: Json): Json => {
    const { tolerationSeconds: _, ...rest } = toleration;
    return rest;
  };
  for (const old of before['tolerations'] ?? []) {
    if (now.some((toleration) => deepEqual(timeless(toleration), timeless(old)))) continue;
    errs.push(forbidden(path, 'existing toleration can not be modified except its tolerationSeconds'));
    return;
  }
  validateTolerations(errs, now, path);
}

function onlyRemovedGates(errs: Errors, spec: Json, before: Json): void {
  const old = new Set<string>(before['schedulingGates']?.map((gate: Json) => gate['name']));
  const gates: readonly Json[] = spec['schedulingGates'] ?? [];
  gates.forEach((gate, i) => {
    if (old.has(gate['name'])) return;
    const message = `only deletion is allowed, but found new scheduling gate '${gate['name']}'`;
    errs.push(forbidden(specPath.child('schedulingGates').index(i).child('name'), message));
  });
}

/** Puts back everything that may change, and wants the rest to be as it was. */
function validateTheRest(errs: Errors, spec: Json, before: Json): void {
  const munged: Json = { ...spec };
  for (const list of ['containers', 'initContainers']) {
    if (spec[list] == null) continue;
    munged[list] = spec[list].map((c: Json, i: number) => ({ ...c, image: before[list][i].image }));
  }
  for (const member of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']) {
    putBack(munged, before, member);
  }
  if (before['terminationGracePeriodSeconds'] < 0 && munged['terminationGracePeriodSeconds'] === 1) {
    putBack(munged, before, 'terminationGracePeriodSeconds');
  }
  if (sizeOf(before['schedulingGates']) > 0) validateGated(errs, munged, before);
  if (goEqual(munged, before, podSpec)) return;
  errs.push(
    forbidden(
      specPath,
      `pod updates may not change fields other than ${updatable}\n${goDiff(before, munged, podSpec)}`,
    ),
  );
}

function putBack(munged: Json, before: Json, member: string): void {
  if (before[member] == null) delete munged[member];
  else munged[member] = before[member];
}

/** A pod that is not ready for scheduling may still narrow down its nodes. */
function validateGated(errs: Errors, munged: Json, before: Json): void {
  const selector: Json = munged['nodeSelector'] ?? {};
  const old: Json = before['nodeSelector'] ?? {};
  if (!semanticEqual(selector, old)) {
    if (Object.keys(old).some((key) => selector[key] !== old[key])) {
      const message = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
      errs.push(invalid(specPath.child('nodeSelector'), sortedMap(munged['nodeSelector']), message));
    }
    putBack(munged, before, 'nodeSelector');
  }
  const affinity: Json | undefined = munged['affinity']?.nodeAffinity;
  const oldAffinity: Json | undefined = before['affinity']?.nodeAffinity;
  if (isSameNodeAffinity(affinity, oldAffinity)) return;
  validateNodeAffinityAdditions(errs, affinity, oldAffinity);
  const rest: Json = { ...munged['affinity'] };
  if (oldAffinity == null) delete rest['nodeAffinity'];
  else rest['nodeAffinity'] = oldAffinity;
  if (Object.keys(rest).length === 0 && before['affinity'] == null) delete munged['affinity'];
  else munged['affinity'] = rest;
}

/** By pointer: an empty one is not the same as none. */
function isSameNodeAffinity(now: Json | undefined, old: Json | undefined): boolean {
  return (now == null) === (old == null) && goEqual(now, old, 'io.k8s.api.core.v1.NodeAffinity');
}

function validateNodeAffinityAdditions(errs: Errors, now: Json | undefined, old: Json | undefined): void {
  const hard = 'requiredDuringSchedulingIgnoredDuringExecution';
  const oldTerms: readonly Json[] = old?.[hard]?.nodeSelectorTerms ?? [];
  const terms: readonly Json[] = now?.[hard]?.nodeSelectorTerms ?? [];
  const path = specPath.child('affinity').child('nodeAffinity').child(hard).child('nodeSelectorTerms');
  if (oldTerms.length === 0) return;
  if (oldTerms.length !== terms.length) {
    const message = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errs.push(invalid(path, terms.length === 0 ? null : terms.map(printedTerm), message));
    return;
  }
  oldTerms.forEach((oldTerm, i) => {
    if (hasOnlyAdditions(terms[i]!, oldTerm)) return;
    const message = 'only additions are allowed (no mutations or deletions)';
    errs.push(invalid(path.index(i), printedTerm(terms[i]!), message));
  });
}

function hasOnlyAdditions(term: Json, old: Json): boolean {
  const members = ['matchExpressions', 'matchFields'];
  const isEmpty = (t: Json): boolean => members.every((m) => sizeOf(t[m]) === 0);
  if (isEmpty(old) && !isEmpty(term)) return false;
  return members.every((member) => {
    const before: readonly Json[] = old[member] ?? [];
    const now: readonly Json[] = term[member] ?? [];
    return (
      now.length >= before.length &&
      before.every((one, i) => goEqual(now[i], one, 'io.k8s.api.core.v1.NodeSelectorRequirement'))
    );
  });
}

function printedTerm(term: Json): Json {
  const list = (requirements: readonly Json[] | undefined): unknown =>
    requirements?.map((r) => ({
      Key: r['key'] ?? '',
      Operator: r['operator'] ?? '',
      Values: r['values'] ?? null,
    })) ?? null;
  return { MatchExpressions: list(term['matchExpressions']), MatchFields: list(term['matchFields']) };
}

/** ValidatePodEphemeralContainersUpdate: such containers may only be added. */
export function validateEphemeralContainersUpdate(errs: Errors, pod: Json, old: Json): void {
  if (old['metadata'].annotations?.[mirrorAnnotation] !== undefined) {
    errs.push(forbidden(namelessPath, 'static pods do not support ephemeral containers'));
    return;
  }
  validateObjectMetaUpdate(errs, pod['metadata'], old['metadata']);
  validateFinalizersOnUpdate(errs, pod['metadata']);
  validatePodMetadataAndSpec(errs, pod, old);
  checkAnnotationUpdates(errs, pod, old);
  const path = specPath.child('ephemeralContainers');
  const byName = new Map<string, Json>();
  for (const container of pod['spec'].ephemeralContainers ?? []) byName.set(container.name, container);
  for (const before of old['spec'].ephemeralContainers ?? []) {
    const now = byName.get(before.name);
    const name = goQuote(before.name);
    if (now == null) {
      errs.push(forbidden(path, `existing ephemeral containers ${name} may not be removed\n`));
    } else if (!goEqual(now, before, ephemeralContainer)) {
      const difference = goDiff(before, now, ephemeralContainer);
      errs.push(forbidden(path, `existing ephemeral containers ${name} may not be changed\n${difference}`));
    }
  }
}
