import { goQuote } from '../field-error.ts';
import { copyJson } from '../json/copy-json.ts';
import { deepEqual } from '../json/deep-equal.ts';
import { jsonTypeName } from './go-text.ts';
import { PatchError } from './patch-error.ts';

/** One operation of RFC 6902. */
export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** The API server takes no more operations in one patch. */
export const maxJsonPatchOperations = 10_000;

/** As much as a request's body: a patch may not blow up a small document by copying. */
const maxCopiedBytes = 3 * 1024 * 1024;

/** Bytes of JSON that a copy adds. */
function copySize(document: unknown, operation: JsonPatchOperation): number {
  return Buffer.byteLength(JSON.stringify(locate(document, operation.from ?? '', 'copy').get()));
}

/** Checks that a decoded body is a list of operations; throws `PatchError`. */
export function decodeJsonPatch(value: unknown): JsonPatchOperation[] {
  const wrong = (actual: unknown, type: string): PatchError =>
    new PatchError(
      'PATCH_MALFORMED',
      `error decoding patch: json: cannot unmarshal ${jsonTypeName(actual)} into Go ${type}`,
    );
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrong(value, 'value of type []handlers.jsonPatchOp');
  for (const operation of value) {
    if (operation === null) continue;
    if (typeof operation !== 'object' || Array.isArray(operation)) {
      throw wrong(operation, 'value of type handlers.jsonPatchOp');
    }
    for (const field of ['op', 'from', 'path']) {
      const text = operation[field];
      if (text !== undefined && text !== null && typeof text !== 'string') {
        throw wrong(text, `struct field jsonPatchOp.${field} of type string`);
      }
    }
  }
  if (value.length > maxJsonPatchOperations) {
    throw new PatchError(
      'PATCH_TOO_LARGE',
      `The allowed maximum operations in a JSON patch is ${maxJsonPatchOperations}, got ${value.length}`,
    );
  }
  return value as JsonPatchOperation[];
}

/**
 * Applies a JSON patch (RFC 6902) as the evanphx library does for upstream: negative indices count from the
 * end, the whole document cannot be addressed. Gives a new document; throws `PatchError`.
 */
export function applyJsonPatch<T>(document: T, operations: readonly JsonPatchOperation[]): T {
  const out = copyJson(document);
  let copied = 0;
  for (const operation of operations) {
    if (operation?.op === 'copy') {
      copied += copySize(out, operation);
      if (copied > maxCopiedBytes) {
        throw fault(
          `Unable to complete the copy, the accumulated size increase of copy operations is ${copied}, exceeding the limit ${maxCopiedBytes}`,
        );
      }
    }
    applyOperation(out, operation ?? {});
  }
  return out;
}

function applyOperation(document: unknown, operation: Partial<JsonPatchOperation>): void {
  const { op, path } = operation;
  switch (op) {
    case 'add':
      locate(document, path, op).add(copyJson(operandOf(operation)));
      return;
    case 'remove':
      locate(document, path, op).remove();
      return;
    case 'replace':
      locate(document, path, op).replace(copyJson(operandOf(operation)));
      return;
    case 'move': {
      const source = locate(document, operation.from ?? '', op);
      const value = source.get();
      source.remove();
      locate(document, path, op).add(value);
      return;
    }
    case 'copy':
      locate(document, path, op).add(copyJson(locate(document, operation.from ?? '', op).get()));
      return;
    case 'test': {
      const actual = locate(document, path, op).find() ?? null;
      if (deepEqual(actual, operation.value ?? null)) return;
      throw fault(`testing value ${path} failed: test failed`);
    }
    default:
      throw fault(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
  }
}

function fault(message: string): PatchError {
  return new PatchError('PATCH_NOT_APPLICABLE', message);
}

function operandOf(operation: Partial<JsonPatchOperation>): unknown {
  if (operation.value === undefined) throw fault(`${operation.op} operation: missing value`);
  return operation.value;
}

/** A member of an object or an element of a list that an operation names. */
interface Place {
  /** Undefined where there is nothing. */
  find(): unknown;
  /** Fails where there is nothing. */
  get(): unknown;
  add(value: unknown): void;
  replace(value: unknown): void;
  remove(): void;
}

/** @param path the client may have left it out */
function locate(document: unknown, path: string | null | undefined, op: string): Place {
  if (typeof path !== 'string') throw fault(`${op} operation failed to decode path: missing value`);
  const missing = (): PatchError =>
    fault(
      `${op} operation does not apply: doc is missing path: ${op === 'replace' ? path : goQuote(path)}: missing value`,
    );
  const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parts.length < 2) throw missing();
  const last = parts.pop() as string;
  let parent: unknown = document;
  for (const part of parts.slice(1)) {
    parent = child(parent, part);
    if (typeof parent !== 'object' || parent === null) throw missing();
  }
  const wrong = (cause: string): PatchError =>
    fault(
      op === 'replace'
        ? `replace operation does not apply: doc is missing key: ${path}: missing value`
        : `error in ${op} for path: '${path}': ${cause}`,
    );
  if (Array.isArray(parent)) return listPlace(parent, last, wrong);
  if (typeof parent !== 'object' || parent === null) throw missing();
  return memberPlace(parent as Record<string, unknown>, last, wrong);
}

function child(parent: unknown, part: string): unknown {
  if (Array.isArray(parent)) {
    const index = indexOf(part, parent.length);
    return index === undefined ? undefined : parent[index];
  }
  const object = parent as Record<string, unknown>;
  return Object.hasOwn(object, part) ? object[part] : undefined;
}

/** The index that `part` names in a list of `length`; undefined when it is none. */
function indexOf(part: string, length: number): number | undefined {
  if (!/^[+-]?\d+$/.test(part)) return undefined;
  const index = Number(part);
  const counted = index < 0 ? index + length : index;
  return counted >= 0 && counted < length ? counted : undefined;
}

function memberPlace(
  parent: Record<string, unknown>,
  key: string,
  wrong: (cause: string) => PatchError,
): Place {
  const has = (): boolean => Object.hasOwn(parent, key);
  const set = (value: unknown): void => {
    Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
  };
  return {
    find: () => (has() ? parent[key] : undefined),
    get: () => {
      if (!has()) throw wrong(`unable to get nonexistent key: ${key}: missing value`);
      return parent[key];
    },
    add: set,
    replace: (value) => {
      if (!has()) throw wrong(`unable to get nonexistent key: ${key}: missing value`);
      set(value);
    },
    remove: () => {
      if (!has()) throw wrong(`Unable to remove nonexistent key: ${key}: missing value`);
      delete parent[key];
    },
  };
}

function listPlace(parent: unknown[], part: string, wrong: (cause: string) => PatchError): Place {
  const missing = (): PatchError =>
    wrong(`Unable to access invalid index: ${part}: invalid index referenced`);
  const index = (): number => {
    const found = indexOf(part, parent.length);
    if (found === undefined) throw missing();
    return found;
  };
  return {
    find: () => {
      const found = indexOf(part, parent.length);
      if (found === undefined) throw missing();
      return parent[found];
    },
    get: () => parent[index()],
    add: (value) => {
      if (part === '-') {
        parent.push(value);
        return;
      }
      // One place more than there are elements: after the last one.
      const at = indexOf(part, parent.length + 1);
      if (at === undefined) throw missing();
      parent.splice(at, 0, value);
    },
    replace: (value) => {
      parent[index()] = value;
    },
    remove: () => void parent.splice(index(), 1),
  };
}
