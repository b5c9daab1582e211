import { type FieldPath, invalid, required } from '@coxswain/machinery';
import { validateLabelSelector } from '../../label-selector.ts';
import { dnsLabelName } from '../../names.ts';
import { validateLabelName } from '../../object-meta.ts';
import { addInvalid, blank, type Errors, type Json } from '../../values.ts';
import type { Leniency } from '../leniency.ts';
import { validateLabelKeys } from './label-keys.ts';
import { validateNodeSelector, validateNodeSelectorTerm } from './node-selector.ts';

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Node affinity, pod affinity and pod anti-affinity. */
export function validateAffinity(
  errs: Errors,
  affinity: Json | undefined,
  path: FieldPath,
  leniency: Leniency,
): void {
  if (affinity == null) return;
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity != null) {
    validateNodeAffinity(errs, nodeAffinity, path.child('nodeAffinity'), leniency.nodeAffinityValues);
  }
  if (podAffinity != null) {
    validatePodAffinity(errs, podAffinity, path.child('podAffinity'), leniency.affinitySelectors);
  }
  if (podAntiAffinity != null) {
    validatePodAffinity(errs, podAntiAffinity, path.child('podAntiAffinity'), leniency.affinitySelectors);
  }
}

function validateWeight(errs: Errors, weight: number | undefined, path: FieldPath): void {
  const value = weight ?? 0;
  if (value <= 0 || value > 100)
    errs.push(invalid(path.child('weight'), value, 'must be in the range 1-100'));
}

function validateNodeAffinity(errs: Errors, affinity: Json, path: FieldPath, anyValues: boolean): void {
  if (affinity[requiredTerms] != null) {
    validateNodeSelector(errs, affinity[requiredTerms], path.child(requiredTerms), anyValues);
  }
  const terms: readonly Json[] = affinity[preferredTerms] ?? [];
  terms.forEach((term, i) => {
    const place = path.child(preferredTerms).index(i);
    validateWeight(errs, term['weight'], place);
    validateNodeSelectorTerm(errs, term['preference'] ?? {}, place.child('preference'), true);
  });
}

function validatePodAffinity(errs: Errors, affinity: Json, path: FieldPath, anyValues: boolean): void {
  const hard: readonly Json[] = affinity[requiredTerms] ?? [];
  hard.forEach((term, i) => {
    validatePodAffinityTerm(errs, term, path.child(requiredTerms).index(i), anyValues);
  });
  const soft: readonly Json[] = affinity[preferredTerms] ?? [];
  soft.forEach((term, i) => {
    const place = path.child(preferredTerms).index(i);
    validateWeight(errs, term['weight'], place);
    validatePodAffinityTerm(errs, term['podAffinityTerm'] ?? {}, place.child('podAffinityTerm'), anyValues);
  });
}

function validatePodAffinityTerm(errs: Errors, term: Json, path: FieldPath, anyValues: boolean): void {
  validateLabelSelector(errs, term['labelSelector'], path.child('labelSelector'), anyValues);
  validateLabelSelector(errs, term['namespaceSelector'], path.child('namespaceSelector'), anyValues);
  for (const name of term['namespaces'] ?? []) {
    addInvalid(errs, path.child('namespace'), name, dnsLabelName(name, false));
  }
  validateLabelKeys(errs, term, path);
  const key: string | undefined = term['topologyKey'];
  if (blank(key)) errs.push(required(path.child('topologyKey'), 'can not be empty'));
  validateLabelName(errs, key, path.child('topologyKey'));
}
