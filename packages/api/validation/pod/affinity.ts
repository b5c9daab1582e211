import { type FieldPath, forbidden, invalid, required } from '@coxswain/machinery';
import { validateLabelSelector } from '../label-selector.ts';
import { dnsLabelName } from '../names.ts';
import { validateLabelName } from '../object-meta.ts';
import { addInvalid, blank, type Errors, type Json, sizeOf } from '../values.ts';
import { validateNodeSelector, validateNodeSelectorTerm } from './node-selector.ts';

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Node affinity, pod affinity and pod anti-affinity. */
export function validateAffinity(errs: Errors, affinity: Json | undefined, path: FieldPath): void {
  if (affinity == null) return;
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity != null) validateNodeAffinity(errs, nodeAffinity, path.child('nodeAffinity'));
  if (podAffinity != null) validatePodAffinity(errs, podAffinity, path.child('podAffinity'));
  if (podAntiAffinity != null) {
    validatePodAffinity(errs, podAntiAffinity, path.child('podAntiAffinity'));
  }
}

function validateWeight(errs: Errors, weight: number | undefined, path: FieldPath): void {
  const value = weight ?? 0;
  if (value <= 0 || value > 100)
    errs.push(invalid(path.child('weight'), value, 'must be in the range 1-100'));
}

function validateNodeAffinity(errs: Errors, affinity: Json, path: FieldPath): void {
  if (affinity[requiredTerms] != null) {
    validateNodeSelector(errs, affinity[requiredTerms], path.child(requiredTerms));
  }
  const terms: readonly Json[] = affinity[preferredTerms] ?? [];
  terms.forEach((term, i) => {
    const place = path.child(preferredTerms).index(i);
    validateWeight(errs, term['weight'], place);
    validateNodeSelectorTerm(errs, term['preference'] ?? {}, place.child('preference'), true);
  });
}

function validatePodAffinity(errs: Errors, affinity: Json, path: FieldPath): void {
  const hard: readonly Json[] = affinity[requiredTerms] ?? [];
  hard.forEach((term, i) => {
    validatePodAffinityTerm(errs, term, path.child(requiredTerms).index(i));
  });
  const soft: readonly Json[] = affinity[preferredTerms] ?? [];
  soft.forEach((term, i) => {
    const place = path.child(preferredTerms).index(i);
    validateWeight(errs, term['weight'], place);
    validatePodAffinityTerm(errs, term['podAffinityTerm'] ?? {}, place.child('podAffinityTerm'));
  });
}

function validatePodAffinityTerm(errs: Errors, term: Json, path: FieldPath): void {
  validateLabelSelector(errs, term['labelSelector'], path.child('labelSelector'));
  validateLabelSelector(errs, term['namespaceSelector'], path.child('namespaceSelector'));
  for (const name of term['namespaces'] ?? []) {
    addInvalid(errs, path.child('namespace'), name, dnsLabelName(name, false));
  }
  validateLabelKeyLists(errs, term, path);
  const key: string | undefined = term['topologyKey'];
  if (blank(key)) errs.push(required(path.child('topologyKey'), 'can not be empty'));
  validateLabelName(errs, key, path.child('topologyKey'));
}

function validateLabelKeyLists(errs: Errors, term: Json, path: FieldPath): void {
  const match: readonly string[] = term['matchLabelKeys'] ?? [];
  const mismatch: readonly string[] = term['mismatchLabelKeys'] ?? [];
  if (match.length === 0 && mismatch.length === 0) return;
  const selector: Json | undefined = term['labelSelector'];
  for (const list of ['matchLabelKeys', 'mismatchLabelKeys']) {
    if (sizeOf(term[list]) === 0) continue;
    if (selector == null) {
      errs.push(forbidden(path.child(list), 'must not be specified when labelSelector is not set'));
      continue;
    }
    (term[list] as string[]).forEach((key, i) => {
      validateLabelName(errs, key, path.child(list).index(i));
    });
  }
  if (selector != null) {
    const seen = new Set(Object.keys(selector['matchLabels'] ?? {}));
    for (const { key } of (selector['matchExpressions'] ?? []) as Json[]) {
      // the registry adds an expression for each match key: only a second one is the user's
      const at = match.lastIndexOf(key);
      if (at >= 0 && seen.has(key)) {
        errs.push(invalid(path.index(at), key, 'exists in both matchLabelKeys and labelSelector'));
      }
      seen.add(key);
    }
  }
  match.forEach((key, i) => {
    if (!mismatch.includes(key)) return;
    const place = path.child('matchLabelKeys').index(i);
    errs.push(invalid(place, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
}
