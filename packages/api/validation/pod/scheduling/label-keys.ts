import { FieldPath, forbidden, invalid } from '@coxswain/machinery';
import { validateLabelName } from '../../object-meta.ts';
import type { Errors, Json } from '../../values.ts';

/** The lists of a pod affinity term or a spread constraint whose keys the registry merges into its selector. */
const lists = ['matchLabelKeys', 'mismatchLabelKeys'] as const;

const inBoth = 'exists in both matchLabelKeys and labelSelector';
const needsSelector = 'must not be specified when labelSelector is not set';

/** ValidateMatchLabelKeysAndMismatchLabelKeys: the keys are well-formed, and the selector has no words on them. */
export function validateLabelKeys(errs: Errors, term: Json, path: FieldPath): void {
  const match: readonly string[] = term['matchLabelKeys'] ?? [];
  const mismatch: readonly string[] = term['mismatchLabelKeys'] ?? [];
  if (match.length === 0 && mismatch.length === 0) return;
  const selector: Json | undefined = term['labelSelector'];
  for (const list of lists) {
    const keys: readonly string[] = term[list] ?? [];
    if (keys.length === 0) continue;
    if (selector == null) errs.push(forbidden(path.child(list), needsSelector));
    else validateNames(errs, keys, path.child(list));
  }
  if (selector != null) {
    const seen = new Set(Object.keys(selector['matchLabels'] ?? {}));
    for (const { key } of (selector['matchExpressions'] ?? []) as Json[]) {
      // the registry adds an expression for each match key: only a second one is the user's
      const at = match.lastIndexOf(key);
      if (at >= 0 && seen.has(key)) errs.push(invalid(path.index(at), key, inBoth));
      seen.add(key);
    }
  }
  match.forEach((key, i) => {
    if (!mismatch.includes(key)) return;
    const place = path.child('matchLabelKeys').index(i);
    errs.push(invalid(place, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
}

function validateNames(errs: Errors, keys: readonly string[], path: FieldPath): void {
  keys.forEach((key, i) => {
    validateLabelName(errs, key, path.index(i));
  });
}

const anywhere = FieldPath.root('');

/** Whether a stored constraint is from before its keys were merged into its selector. */
export function breaksLabelKeyRules(constraint: Json): boolean {
  const errs: Errors = [];
  validateLabelKeys(errs, constraint, anywhere);
  return errs.length > 0;
}

/** ValidateMatchLabelKeysInTopologySpread: the rule of old, for what was stored under it. */
export function validateUnmergedLabelKeys(errs: Errors, constraint: Json, path: FieldPath): void {
  const keys: readonly string[] = constraint['matchLabelKeys'] ?? [];
  if (keys.length === 0) return;
  const selector: Json | undefined = constraint['labelSelector'];
  if (selector == null) errs.push(forbidden(path, needsSelector));
  const selected = new Set(Object.keys(selector?.['matchLabels'] ?? {}));
  for (const { key } of (selector?.['matchExpressions'] ?? []) as Json[]) selected.add(key);
  keys.forEach((key, i) => {
    validateLabelName(errs, key, path.index(i));
    if (selected.has(key)) errs.push(invalid(path.index(i), key, inBoth));
  });
}
