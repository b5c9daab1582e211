import { duplicate, type FieldPath, forbidden, invalid, required } from '@coxswain/machinery';
import { validateLabelSelector } from '../label-selector.ts';
import { validateLabelName } from '../object-meta.ts';
import { blank, type Errors, type Json, notPositiveMessage, oneOf } from '../values.ts';

/** Constraints on how pods spread over topology domains. */
export function validateTopologySpread(
  errs: Errors,
  constraints: readonly Json[] | undefined,
  path: FieldPath,
): void {
  if (constraints == null) return;
  for (let i = 0; i < constraints.length; i++) {
    const constraint = constraints[i]!;
    const place = path.index(i);
    const { topologyKey, whenUnsatisfiable, minDomains } = constraint;
    const maxSkew: number = constraint['maxSkew'] ?? 0;
    if (maxSkew <= 0) errs.push(invalid(place.child('maxSkew'), maxSkew, notPositiveMessage));
    if (blank(topologyKey)) errs.push(required(place.child('topologyKey'), 'can not be empty'));
    oneOf(errs, place.child('whenUnsatisfiable'), whenUnsatisfiable ?? '', [
      'DoNotSchedule',
      'ScheduleAnyway',
    ]);
    const same = (c: Json): boolean =>
      c['topologyKey'] === topologyKey && c['whenUnsatisfiable'] === whenUnsatisfiable;
    if (constraints.slice(i + 1).some(same)) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
      errs.push(duplicate(place.child('{topologyKey, whenUnsatisfiable}'), pair));
    }
    if (minDomains != null) {
      if (minDomains <= 0) errs.push(invalid(place.child('minDomains'), minDomains, notPositiveMessage));
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const message = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
        errs.push(invalid(place.child('minDomains'), minDomains, message));
      }
    }
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      if (constraint[policy] == null) continue;
      oneOf(errs, place.child(policy), constraint[policy], ['Honor', 'Ignore']);
    }
    validateMatchLabelKeys(errs, constraint, place.child('matchLabelKeys'));
    validateLabelSelector(errs, constraint['labelSelector'], place.child('labelSelector'));
  }
}

function validateMatchLabelKeys(errs: Errors, constraint: Json, path: FieldPath): void {
  const keys: readonly string[] = constraint['matchLabelKeys'] ?? [];
  if (keys.length === 0) return;
  const selector: Json | undefined = constraint['labelSelector'];
  if (selector == null) {
    errs.push(forbidden(path, 'must not be specified when labelSelector is not set'));
  }
  const selected = new Set(Object.keys(selector?.['matchLabels'] ?? {}));
  // the registry has added one expression for each match key: only a second one is the user's
  const added = new Set(keys);
  for (const { key, operator, values } of (selector?.['matchExpressions'] ?? []) as Json[]) {
    if (operator === 'In' && values?.length === 1 && added.delete(key)) continue;
    selected.add(key);
  }
  keys.forEach((key, i) => {
    validateLabelName(errs, key, path.index(i));
    if (selected.has(key)) {
      errs.push(invalid(path.index(i), key, 'exists in both matchLabelKeys and labelSelector'));
    }
  });
}
