import { normalizeTime, TimeParseError } from '@coxswain/api';
import {
  type FieldError,
  FieldPath,
  forbidden,
  goQuote,
  invalid,
  newBadRequest,
  newInvalid,
} from '@coxswain/machinery';

const kind = { group: '', kind: 'PodLogOptions' };
const positive = 'must be greater than 0';
/** How upstream prints a path whose only element has no name. */
const nowhere = '[]';

/**
 * Checks what is asked of a pod's log (ValidatePodLogOptions).
 *
 * @param name the pod's
 * @throws StatusError 400 for what is no number, 422 for numbers that make no sense
 */
export function validatePodLogOptions(query: URLSearchParams, name: string): void {
  const errors: FieldError[] = [];
  const seconds = numberOf(query, 'sinceSeconds');
  checkTime(query.get('sinceTime'));
  const tail = numberOf(query, 'tailLines');
  const limit = numberOf(query, 'limitBytes');
  if (tail !== undefined && tail < 0) {
    errors.push(invalid(FieldPath.root('tailLines'), tail, 'must be greater than or equal to 0'));
  }
  if (limit !== undefined && limit < 1) errors.push(invalid(FieldPath.root('limitBytes'), limit, positive));
  if (seconds !== undefined && query.has('sinceTime')) {
    const message = 'at most one of `sinceTime` or `sinceSeconds` may be specified';
    errors.push({ ...forbidden(FieldPath.root(nowhere), message), field: nowhere });
  } else if (seconds !== undefined && seconds < 1) {
    errors.push(invalid(FieldPath.root('sinceSeconds'), seconds, positive));
  }
  // the feature of asking for one of the streams is off
  if (query.has('stream')) errors.push(forbidden(FieldPath.root('stream'), 'may not be specified'));
  if (errors.length > 0) throw newInvalid(kind, name, errors);
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?\d+$/.test(text)) {
    throw newBadRequest(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`);
  }
  const value = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) {
    throw newBadRequest(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`);
  }
  return Number(value);
}

/** Old clients wrote JSON into the query. */
function checkTime(text: string | null): void {
  if (text === null || text === '' || text === 'null') return;
  try {
    normalizeTime(text);
  } catch (error) {
    if (error instanceof TimeParseError) throw newBadRequest(error.message);
    throw error;
  }
}
