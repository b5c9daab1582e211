import { copyJson } from '../json/copy-json.ts';
import { deepEqual } from '../json/deep-equal.ts';
import { writeJson } from '../json/json-text.ts';
import { jsonTypeName } from './go-text.ts';
import { locate, type Place, PlaceError } from './json-pointer.ts';
import { PatchError } from './patch-error.ts';

/** One operation of RFC 6902. */
export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** The API server takes no more operations in one patch. */
const maxJsonPatchOperations = 10_000;

/** As much as a request's body: a patch may not blow up a small document by copying. */
const maxCopiedBytes = 3 * 1024 * 1024;

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
 * Applies a JSON patch (RFC 6902) as version 4 of the evanphx library does for upstream: negative indices count from
 * the end, what is not there can be replaced, and a value that is not given is null. Gives a new document; throws
 * `PatchError` with the library's text.
 */
export function applyJsonPatch<T>(document: T, operations: readonly JsonPatchOperation[]): T {
  const patcher = new Patcher(copyJson(document));
  for (const operation of operations) patcher.apply(operation ?? {});
  return patcher.document as T;
}

type Operation = Partial<JsonPatchOperation>;

class Patcher {
  document: unknown;
  #copied = 0;

  constructor(document: unknown) {
    this.document = document;
  }

  apply(operation: Operation): void {
    const { op } = operation;
    if (op === 'add') this.#add(operation);
    else if (op === 'remove') this.#remove(operation);
    else if (op === 'replace') this.#replace(operation);
    else if (op === 'move') this.#move(operation);
    else if (op === 'copy') this.#copy(operation);
    else if (op === 'test') this.#test(operation);
    else throw fault(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`);
  }

  #add(operation: Operation): void {
    const path = nameOf(operation, 'path', 'add operation failed to decode path: missing value');
    const place = this.#locate(path, `add operation does not apply: doc is missing path: "${path}"`);
    within(`error in add for path: '${path}'`, () => place.add(copyJson(operation.value ?? null)));
  }

  #remove(operation: Operation): void {
    const path = nameOf(operation, 'path', 'remove operation failed to decode path: missing value');
    const place = this.#locate(path, `remove operation does not apply: doc is missing path: "${path}"`);
    within(`error in remove for path: '${path}'`, () => place.remove());
  }

  #replace(operation: Operation): void {
    const path = nameOf(operation, 'path', `replace operation failed to decode path: ${noPath}`);
    const value = copyJson(operation.value ?? null);
    if (path === '') {
      if (typeof value !== 'object' || value === null)
        throw fault('replace operation value must be object or array: %!w(<nil>)');
      this.document = value;
      return;
    }
    const place = this.#locate(path, `replace operation does not apply: doc is missing path: ${path}`);
    within(
      `replace operation does not apply: doc is missing key: ${path}: missing value`,
      () => place.get(),
      true,
    );
    place.set(value);
  }

  #move(operation: Operation): void {
    const from = nameOf(operation, 'from', `move operation failed to decode from: ${noFrom}`);
    const source = this.#locate(from, `move operation does not apply: doc is missing from path: ${from}`);
    const value = within(`error in move for path: '${source.key}'`, () => {
      const found = source.get();
      source.remove();
      return found;
    });
    const path = nameOf(operation, 'path', `move operation failed to decode path: ${noPath}`);
    const place = this.#locate(
      path,
      `move operation does not apply: doc is missing destination path: ${path}`,
    );
    within(`error in move for path: '${path}'`, () => place.add(value ?? null));
  }

  #copy(operation: Operation): void {
    const from = nameOf(operation, 'from', `copy operation failed to decode from: ${noFrom}`);
    const source = this.#locate(from, `copy operation does not apply: doc is missing from path: ${from}`);
    const value = within(`error in copy for from: '${from}'`, () => source.get());
    const path = nameOf(operation, 'path', 'copy operation failed to decode path: missing value');
    const place = this.#locate(
      path,
      `copy operation does not apply: doc is missing destination path: ${path}`,
    );
    if (value !== undefined && value !== null) this.#copied += Buffer.byteLength(writeJson(value));
    if (this.#copied > maxCopiedBytes) {
      throw fault(
        `Unable to complete the copy, the accumulated size increase of copy operations is ${this.#copied}, exceeding the limit ${maxCopiedBytes}`,
      );
    }
    within('error while adding value during copy', () => place.add(copyJson(value ?? null)));
  }

  #test(operation: Operation): void {
    const path = nameOf(operation, 'path', `test operation failed to decode path: ${noPath}`);
    const actual =
      path === ''
        ? this.document
        : within(`error in test for path: '${path}'`, () =>
            this.#locate(path, `test operation does not apply: is missing path: ${path}`).get(),
          );
    if (!deepEqual(actual ?? null, operation.value ?? null))
      throw fault(`testing value ${path} failed: test failed`);
  }

  #locate(path: string, missing: string): Place {
    const place = locate(this.document, path);
    if (place === undefined) throw fault(`${missing}: missing value`);
    return place;
  }
}

const noPath = 'operation missing path field: missing value';
const noFrom = 'operation, missing from field: missing value';

function nameOf(operation: Operation, field: 'path' | 'from', missing: string): string {
  const name: unknown = operation[field];
  if (typeof name !== 'string') throw fault(missing);
  return name;
}

function fault(message: string): PatchError {
  return new PatchError('PATCH_NOT_APPLICABLE', message);
}

/** Tells a misfit of a place after `prefix`, or by that alone. */
function within<T>(prefix: string, act: () => T, alone = false): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof PlaceError) throw fault(alone ? prefix : `${prefix}: ${cause.message}`);
    throw cause;
  }
}
