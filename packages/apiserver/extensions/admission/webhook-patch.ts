import { jsonFault } from '@coxswain/api';
import { goJson, type JsonPatchOperation, readJson } from '@coxswain/machinery';

/** JSON.parse with the source of primitives, and a way to write such a source again. */
const json = JSON as unknown as {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(source: string): unknown;
};

/**
 * Reads the patch of a mutating webhook.
 * @throws Error in the words of Go's library of patches
 */
export function readJsonPatch(text: string): JsonPatchOperation[] {
  const fault = jsonFault(text);
  if (fault !== undefined) throw new Error(fault);
  const value: unknown = readJson(text);
  if (value === null) return [];
  if (!Array.isArray(value)) throw misfit(value, 'Patch');
  const wrong = value.find((one) => typeof one !== 'object' || Array.isArray(one));
  if (wrong !== undefined) throw misfit(wrong, 'Operation');
  return value;
}

function misfit(value: unknown, goType: string): Error {
  const shown = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new Error(`json: cannot unmarshal ${shown} into Go value of type jsonpatch.${goType}`);
}

/** What the annotation of an audit event tells of a patch that was applied: its values as they were written. */
export function patchAnnotation(configuration: string, webhook: string, text: string): string {
  const exact = json.parse(text, (_, value, { source }) =>
    source === undefined ? value : json.rawJSON(source),
  );
  const patch = (exact as Record<string, unknown>[]).map(sorted);
  return goJson({ configuration, webhook, patch, patchType: 'JSONPatch' });
}

/** Go holds an operation in a map. */
function sorted(operation: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(operation).sort(([a], [b]) => (a < b ? -1 : 1)));
}
