import { type FieldError, type FieldPath, invalid, notSupported, required } from '@coxswain/machinery';
import { findField } from './field-path.ts';
import type { Schema, ValidationRule } from './schema.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const hasLineBreak = (text: string): boolean => /[\n\r]/.test(text);

/** What is wrong with a rule beside its expressions. */
export function ruleTextErrors(rule: ValidationRule, schema: Schema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule;
  const messagePath = at.child('message');
  if (rule.rule.trim() === '') errors.push(required(at.child('rule'), 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    errors.push(invalid(messagePath, message, 'must be non-empty if specified'));
  } else if (hasLineBreak(message.trim())) {
    errors.push(invalid(messagePath, message, 'must not contain line breaks'));
  } else if (hasLineBreak(rule.rule.trim()) && message.trim() === '') {
    errors.push(required(messagePath, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const text = 'messageExpression must be non-empty if specified';
    errors.push(required(at.child('messageExpression'), text));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(at.child('reason'), reason, reasons));
  }
  if (fieldPath === '') return errors;
  const fieldAt = at.child('fieldPath');
  if (fieldPath.trim() === '') {
    errors.push(invalid(fieldAt, fieldPath, 'must be non-empty if specified'));
  }
  if (hasLineBreak(fieldPath)) {
    errors.push(invalid(fieldAt, fieldPath, 'must not contain line breaks'));
  }
  if ('fault' in findField(fieldPath, schema)) {
    errors.push(invalid(fieldAt, fieldPath, 'must be a valid path'));
  }
  return errors;
}
