import { goJson } from '@coxswain/machinery';
import { unifiedDiff } from '../unified-diff/unified-diff.ts';
import { goStruct } from './go-print.ts';
import type { Json } from './values.ts';

type Compared = Json | readonly Json[];

/**
 * What differs between two objects of an API type, or two lists of them, as upstream tells it who tried to change what may not change: the
 * internal structs as JSON, compared line by line.
 *
 * @param definition the name of the released type, such as `io.k8s.api.core.v1.PodSpec`
 * @param embedded the struct embedded in it that alone is compared
 */
export function goDiff(before: Compared, after: Compared, definition: string, embedded?: string): string {
  const shown = (value: Json): unknown => goStruct(value, definition, embedded);
  const text = (value: Compared): string =>
    goJson(Array.isArray(value) ? value.map(shown) : shown(value as Json), 1);
  return unifiedDiff(text(before), text(after));
}
