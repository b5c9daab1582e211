import { type FieldPath, invalid, isValidLabelValue, notSupported, required } from '@coxswain/machinery';
import { validateLabelName } from '../../object-meta.ts';
import { blank, type Errors, type Json } from '../../values.ts';

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** The effect of a taint, or of a toleration that names one. */
export function validateTaintEffect(errs: Errors, effect: string | undefined, path: FieldPath): void {
  if (blank(effect)) errs.push(required(path));
  else if (!taintEffects.includes(effect!)) errs.push(notSupported(path, effect, taintEffects));
}

/** ValidateTolerations. */
export function validateTolerations(
  errs: Errors,
  tolerations: readonly Json[] | undefined,
  path: FieldPath,
): void {
  if (tolerations == null) return;
  for (let i = 0; i < tolerations.length; i++) validateToleration(errs, tolerations[i]!, path.index(i));
}

function validateToleration(errs: Errors, toleration: Json, path: FieldPath): void {
  const key: string = toleration['key'] ?? '';
  const operator: string = toleration['operator'] ?? '';
  const value: string = toleration['value'] ?? '';
  const effect: string = toleration['effect'] ?? '';
  if (key !== '') validateLabelName(errs, key, path.child('key'));
  else if (operator !== 'Exists') {
    const message =
      'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errs.push(invalid(path.child('operator'), operator, message));
  }
  if (toleration['tolerationSeconds'] != null && effect !== 'NoExecute') {
    const message = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errs.push(invalid(path.child('effect'), effect, message));
  }
  if (operator === '' || operator === 'Equal') {
    const messages = isValidLabelValue(value);
    if (messages.length > 0) errs.push(invalid(path.child('operator'), value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') {
      const message = "value must be empty when `operator` is 'Exists'";
      errs.push(invalid(path.child('operator'), value, message));
    }
  } else if (operator !== 'Lt' && operator !== 'Gt') {
    errs.push(notSupported(path.child('operator'), operator, ['Equal', 'Exists']));
  } else {
    // the feature is off in this release, though the text knows of it
    errs.push(notSupported(path.child('operator'), operator, ['Equal', 'Exists', 'Lt', 'Gt']));
  }
  if (effect !== '') validateTaintEffect(errs, effect, path.child('effect'));
}
