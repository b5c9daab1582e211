import { duplicateFields, jsonFault, parseJson } from '@coxswain/api';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  copyJson,
  decodeJsonPatch,
  decodeMergePatch,
  jsonTypeName,
  newBadRequest,
  PatchError,
  type TypeFact,
} from '@coxswain/machinery';
import type { ApiRequest } from '../context.ts';
import { jsonPatchType, mergePatchType } from './patch-types.ts';

/** A patch that was read and can be applied. */
export interface ReadPatch {
  /** What the body says. */
  readonly document: unknown;
  /** What a strict reader has against the body itself. */
  readonly strictErrors: readonly string[];
  /** Gives a patched copy. Throws the Status of a patch that does not apply. */
  apply(view: unknown): unknown;
}

/**
 * Reads the patch of a request.
 *
 * @throws StatusError with upstream's texts, which depend on whether fields are validated
 */
export function readPatch(request: ApiRequest, type: TypeFact): ReadPatch {
  const strict = request.query['fieldValidation'] !== 'Ignore';
  const read = readers[request.patchType] ?? readStrategicPatch;
  const patch = asStatus(() => read(request, type, strict));
  return { ...patch, apply: (view) => asStatus(() => patch.apply(view)) };
}

type Reader = (request: ApiRequest, type: TypeFact, strict: boolean) => ReadPatch;

const readers: Readonly<Record<string, Reader>> = {
  [jsonPatchType]: readJsonPatch,
  [mergePatchType]: readMergePatch,
};

/** Without validation upstream's patch library is the first to read, and has texts of its own. */
function readJsonPatch(request: ApiRequest, _type: TypeFact, strict: boolean): ReadPatch {
  const document = parsed(request, (fault) => (strict ? `error decoding patch: ${fault}` : fault));
  if (!strict) checkOperations(document);
  const operations = strict
    ? decodeJsonPatch(document)
    : ((document ?? []) as ReturnType<typeof decodeJsonPatch>);
  return {
    document,
    strictErrors: strict ? operationFaults(request, document) : [],
    apply: (view) => applyJsonPatch(view, operations),
  };
}

function checkOperations(document: unknown): void {
  const refuse = (value: unknown, type: string): never => {
    throw newBadRequest(
      `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type jsonpatch.${type}`,
    );
  };
  if (document === null) return;
  if (!Array.isArray(document)) refuse(document, 'Patch');
  for (const operation of document as unknown[]) {
    if (typeof operation !== 'object' || Array.isArray(operation)) refuse(operation, 'Operation');
  }
}

const operationFields: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

/** What operations say twice, and what they say that nobody asked for. */
function operationFaults(request: ApiRequest, document: unknown): string[] {
  const unknown = ((document ?? []) as readonly object[]).flatMap((operation, i) =>
    Object.keys(operation ?? {})
      .filter((key) => !operationFields.has(key))
      .map((key) => `unknown field ${JSON.stringify(`[${i}].${key}`)}`),
  );
  return [...duplicatesIn(request), ...unknown].map((fault) => `json patch ${fault}`);
}

const badMergePatch = 'Invalid JSON Patch';

function readMergePatch(request: ApiRequest, _type: TypeFact, strict: boolean): ReadPatch {
  const document = parsed(request, (fault) => (strict ? `error decoding patch: ${fault}` : badMergePatch));
  const isList = Array.isArray(document);
  if (strict) decodeMergePatch(document);
  if (document === null || (!isList && typeof document !== 'object')) throw newBadRequest(badMergePatch);
  return {
    document,
    strictErrors: strict ? duplicatesIn(request) : [],
    apply: (view) => applyMergePatch(view, document),
  };
}

function readStrategicPatch(request: ApiRequest, type: TypeFact, strict: boolean): ReadPatch {
  const document = parsed(request, (fault) => fault);
  if (document !== null && (typeof document !== 'object' || Array.isArray(document))) {
    throw newBadRequest(
      `json: cannot unmarshal ${jsonTypeName(document)} into Go value of type map[string]interface {}`,
    );
  }
  return {
    document,
    strictErrors: strict ? duplicatesIn(request) : [],
    apply: (view) => applyStrategicMergePatch(view, document ?? {}, type),
  };
}

/** The document of the body. @param text words a fault in its syntax */
function parsed({ body }: ApiRequest, text: (fault: string) => string): unknown {
  if (body === undefined) throw newBadRequest(text('unexpected end of JSON input'));
  if ('object' in body) return copyJson(body.object);
  const json = body.bytes.toString('utf8');
  try {
    return parseJson(json);
  } catch (error) {
    throw newBadRequest(text(jsonFault(json) ?? (error as Error).message));
  }
}

/** Fields that the patch itself names twice; of no account once it is applied. */
function duplicatesIn({ body }: ApiRequest): string[] {
  return body !== undefined && 'bytes' in body ? duplicateFields(body.bytes) : [];
}

/** Faults of a patch as the Status they come to. */
function asStatus<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof PatchError ? error.toStatusError() : error;
  }
}
