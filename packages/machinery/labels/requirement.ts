import { type FieldError, FieldPath, invalid, notSupported } from '../field-error.ts';
import { isQualifiedName, isValidLabelValue } from '../names/qualified.ts';
import { aggregate } from '../status-error.ts';

/** selection.Operator of upstream's apimachinery. */
export type SelectorOperator = '=' | '==' | 'in' | '!=' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** One condition on one label. */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  /** Sorted, without repeats. */
  readonly values: readonly string[];
}

/** The text cannot be read as a selector; the message is upstream's. */
export class SelectorParseError extends Error {
  override readonly name = 'SelectorParseError';
  readonly code = 'SELECTOR_INVALID';
}

const integer = /^[+-]?\d+$/;
const longest = 2n ** 63n;

/** Go's strconv.ParseInt(text, 10, 64). */
function parseInt64(text: string): bigint | undefined {
  if (!integer.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= -longest && value < longest ? value : undefined;
}

const operators: readonly SelectorOperator[] = ['in', 'notin', '=', '==', '!=', 'exists', '!', 'gt', 'lt'];

/** Builds a requirement; throws `SelectorParseError` with the text of every fault. */
export function newRequirement(
  key: string,
  operator: SelectorOperator,
  given: readonly string[],
): Requirement {
  const values = [...new Set(given)].sort();
  const errors: FieldError[] = [];
  checkLabelKey(key, FieldPath.root('key'), errors);
  const path = FieldPath.root('values');
  const wrong = (detail: string): void => void errors.push(invalid(path, values, detail));
  if (operator === 'in' || operator === 'notin') {
    if (values.length === 0) wrong("for 'in', 'notin' operators, values set can't be empty");
  } else if (operator === '=' || operator === '==' || operator === '!=') {
    if (values.length !== 1) wrong('exact-match compatibility requires one single value');
  } else if (operator === 'exists' || operator === '!') {
    if (values.length !== 0) wrong('values set must be empty for exists and does not exist');
  } else if (operator === 'gt' || operator === 'lt') {
    if (values.length !== 1) wrong("for 'Gt', 'Lt' operators, exactly one value is required");
    values.forEach((value, i) => {
      if (parseInt64(value) === undefined) {
        errors.push(invalid(path.index(i), value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      }
    });
  } else {
    errors.push(notSupported(FieldPath.root('operator'), operator, operators));
  }
  values.forEach((value, i) => {
    const texts = isValidLabelValue(value);
    if (texts.length > 0) errors.push(invalid(path.index(i).key(key), value, texts.join('; ')));
  });
  if (errors.length > 0) throw new SelectorParseError(aggregate(errors));
  return { key, operator, values };
}

/** Adds an error for `path` when `key` is no label key. */
export function checkLabelKey(key: string, path: FieldPath, errors: FieldError[]): void {
  const texts = isQualifiedName(key);
  if (texts.length > 0) errors.push(invalid(path, key, texts.join('; ')));
}

/** Whether the labels meet the requirement. */
export function requirementMatches(
  requirement: Requirement,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const { key, operator, values } = requirement;
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
      return value !== undefined && value === values[0];
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const actual = value === undefined ? undefined : parseInt64(value);
      const limit = parseInt64(values[0] as string);
      if (actual === undefined || limit === undefined) return false;
      return operator === 'gt' ? actual > limit : actual < limit;
    }
  }
}

/** The requirement as a selector writes it. */
export function requirementText(requirement: Requirement): string {
  const { key, operator, values } = requirement;
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}
