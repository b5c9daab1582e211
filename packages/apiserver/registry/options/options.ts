import {
  type FieldError,
  FieldPath,
  type FieldSelector,
  forbidden,
  goQuote,
  invalid,
  newBadRequest,
  newInvalid,
  notSupported,
  parseFieldSelector,
  parseLabelSelector,
  required,
  tooLong,
} from '@coxswain/machinery';
import type { ApiRequest } from '../context.ts';
import { applyPatchType } from '../patch/patch-types.ts';

const root = (name: string): FieldPath => FieldPath.root(name);
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
/** metav1's FieldManagerMaxLength. */
const fieldManagerMaxLength = 128;

/** Checks the options of a write; throws upstream's 422 about `CreateOptions`, `UpdateOptions` or `PatchOptions`. */
export function validateWriteOptions(
  request: ApiRequest,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): void {
  const { query, dryRun } = request;
  const manager = query['fieldManager'] ?? '';
  const validation = query['fieldValidation'] ?? '';
  if (manager === '' && validation === '' && dryRun.length === 0 && kind !== 'PatchOptions') return;
  const errors: FieldError[] = [];
  if (kind === 'PatchOptions') {
    const apply = request.patchType === applyPatchType;
    if (!apply && query['force'] !== undefined) {
      errors.push(forbidden(root('force'), 'may not be specified for non-apply patch'));
    }
    if (apply && manager === '') errors.push(required(root('fieldManager'), 'is required for apply patch'));
  }
  errors.push(...fieldManagerErrors(manager), ...dryRunErrors(dryRun));
  if (validation !== '' && validation !== 'Ignore' && validation !== 'Strict' && validation !== 'Warn') {
    errors.push(notSupported(root('fieldValidation'), validation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw newInvalid({ group: 'meta.k8s.io', kind }, '', errors);
}

function fieldManagerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > fieldManagerMaxLength) {
    errors.push(tooLong(root('fieldManager'), fieldManagerMaxLength));
  }
  let at = 0;
  for (const char of manager) {
    if (!printable.test(char)) {
      errors.push(
        invalid(root('fieldManager'), manager, `invalid character ${goUnicode(char)} (at position ${at})`),
      );
    }
    at += Buffer.byteLength(char);
  }
  return errors;
}

/** Go's `%#U` of a character that cannot be printed. */
function goUnicode(char: string): string {
  return `U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Errors of the `dryRun` option. */
export function dryRunErrors(dryRun: readonly string[]): FieldError[] {
  return dryRun.every((value) => value === 'All') ? [] : [notSupported(root('dryRun'), dryRun, ['All'])];
}

/** Who makes a write, for managedFields: the named field manager, else the user agent's first word. */
export function managerOf(request: ApiRequest): string {
  const manager = request.query['fieldManager'] ?? '';
  if (manager !== '') return manager;
  const slash = request.userAgent.indexOf('/');
  const name = slash < 0 ? request.userAgent : request.userAgent.slice(0, slash);
  return name.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '').slice(0, fieldManagerMaxLength);
}

/** The options of a list or watch, parsed. */
export interface ListOptions {
  /** Absent: all labels and fields match. */
  readonly labels: ReturnType<typeof parseLabelSelector> | undefined;
  readonly fields: FieldSelector | undefined;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly limit: number;
  readonly continue: string;
  /** The query asks for a watch; old paths that begin with `watch/` do so without it. */
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly timeoutSeconds: number;
  /** Also where a watch that names no state begins with what is there. */
  readonly sendInitialEvents: boolean | undefined;
}

/** Reads and checks the options of a list or watch; throws upstream's 400 and 422, in upstream's order. */
export function parseListOptions(request: ApiRequest): ListOptions {
  const { query } = request;
  const { timeoutSeconds, limit, labelSelector = '', fieldSelector = '', resourceVersion = '' } = query;
  const watch = boolean(query['watch']) ?? false;
  const { resourceVersionMatch = '' } = query;
  const sendInitialEvents = boolean(query['sendInitialEvents']);
  const fromAnyState =
    watch &&
    (resourceVersion === '' || resourceVersion === '0') &&
    sendInitialEvents === undefined &&
    resourceVersionMatch === '';
  const options: ListOptions = {
    watch,
    allowWatchBookmarks: boolean(query['allowWatchBookmarks']) ?? false,
    resourceVersion,
    resourceVersionMatch: fromAnyState ? 'NotOlderThan' : resourceVersionMatch,
    timeoutSeconds: timeoutSeconds === undefined ? 0 : integer(timeoutSeconds),
    limit: limit === undefined ? 0 : integer(limit),
    continue: query['continue'] ?? '',
    sendInitialEvents: fromAnyState ? true : sendInitialEvents,
    labels: labelSelector === '' ? undefined : parsed(() => parseLabelSelector(labelSelector)),
    fields: fieldSelector === '' ? undefined : parsed(() => parseFieldSelector(fieldSelector)),
  };
  const errors = listOptionErrors(options);
  if (errors.length > 0) throw newInvalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return options;
}

/** Parse errors of selectors are the client's fault. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw newBadRequest((error as Error).message);
  }
}

function listOptionErrors(options: ListOptions): FieldError[] {
  if (options.resourceVersionMatch === '' && options.sendInitialEvents === undefined) return [];
  const path = root('resourceVersionMatch');
  return options.watch ? watchErrors(options, path) : listErrors(options, path);
}

function listErrors(options: ListOptions, path: FieldPath): FieldError[] {
  const { resourceVersion, resourceVersionMatch: match } = options;
  const errors: FieldError[] = [];
  if (match !== '' && resourceVersion === '') {
    errors.push(forbidden(path, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  errors.push(...continueErrors(options, path));
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported(path, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && resourceVersion === '0') {
    errors.push(forbidden(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(forbidden(root('sendInitialEvents'), 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors(options: ListOptions, path: FieldPath): FieldError[] {
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents === undefined) {
    errors.push(
      forbidden(path, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    );
  } else if (match !== 'NotOlderThan') {
    errors.push(forbidden(path, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '' && match !== 'NotOlderThan') errors.push(notSupported(path, match, ['NotOlderThan']));
  return [...errors, ...continueErrors(options, path)];
}

function continueErrors(options: ListOptions, path: FieldPath): FieldError[] {
  if (options.resourceVersionMatch === '' || options.continue === '') return [];
  return [forbidden(path, 'resourceVersionMatch is forbidden when continue is provided')];
}

const maxInt64 = 2n ** 63n - 1n;

/** A query parameter as upstream's conversion reads an int64; throws its 400. */
export function integer(text: string): number {
  const fault = !/^[+-]?\d+$/.test(text)
    ? 'invalid syntax'
    : BigInt(text.replace('+', '')) > maxInt64 || BigInt(text.replace('+', '')) < -maxInt64 - 1n
      ? 'value out of range'
      : undefined;
  if (fault !== undefined) throw newBadRequest(`strconv.ParseInt: parsing ${goQuote(text)}: ${fault}`);
  return Number(text);
}

/** A query parameter as upstream's conversion reads a bool: anything but false and 0 is true. */
export function boolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return text.toLowerCase() !== 'false' && text !== '0';
}
