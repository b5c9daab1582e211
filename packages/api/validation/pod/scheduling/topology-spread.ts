import { duplicate, type FieldPath, invalid, required } from '@coxswain/machinery';
import { validateLabelSelector } from '../../label-selector.ts';
import { blank, type Errors, type Json, notPositiveMessage, oneOf } from '../../values.ts';
import type { Leniency } from '../leniency.ts';
import { validateLabelKeys, validateUnmergedLabelKeys } from './label-keys.ts';

/** Constraints on how pods spread over topology domains. */
export function validateTopologySpread(
  errs: Errors,
  constraints: readonly Json[] | undefined,
  path: FieldPath,
  leniency: Leniency,
): void {
  if (constraints == null) return;
  const last = new Map(constraints.map((constraint, i) => [pairOf(constraint), i]));
  for (let i = 0; i < constraints.length; i++) {
    const constraint = constraints[i]!;
    const place = path.index(i);
    const { topologyKey = '', whenUnsatisfiable = '' } = constraint;
    const maxSkew: number = constraint['maxSkew'] ?? 0;
    if (maxSkew <= 0) errs.push(invalid(place.child('maxSkew'), maxSkew, notPositiveMessage));
    if (blank(topologyKey)) errs.push(required(place.child('topologyKey'), 'can not be empty'));
    oneOf(errs, place.child('whenUnsatisfiable'), whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']);
    const pair = pairOf(constraint);
    if (last.get(pair) !== i) errs.push(duplicate(place.child('{topologyKey, whenUnsatisfiable}'), pair));
    validateMinDomains(errs, constraint, whenUnsatisfiable, place.child('minDomains'));
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      if (constraint[policy] == null) continue;
      oneOf(errs, place.child(policy), constraint[policy], ['Honor', 'Ignore']);
    }
    if (leniency.spreadKeys) validateUnmergedLabelKeys(errs, constraint, place.child('matchLabelKeys'));
    else validateLabelKeys(errs, constraint, place);
    if (leniency.spreadSelectors) continue;
    validateLabelSelector(errs, constraint['labelSelector'], place.child('labelSelector'));
  }
}

function pairOf({ topologyKey = '', whenUnsatisfiable = '' }: Json): string {
  return `{${topologyKey}, ${whenUnsatisfiable}}`;
}

function validateMinDomains(errs: Errors, constraint: Json, action: string, path: FieldPath): void {
  const count: number | undefined = constraint['minDomains'];
  if (count == null) return;
  if (count <= 0) errs.push(invalid(path, count, notPositiveMessage));
  if (action === 'DoNotSchedule') return;
  const message = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
  errs.push(invalid(path, count, message));
}
