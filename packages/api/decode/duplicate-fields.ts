import { goQuote } from '@coxswain/machinery';
import { textOf } from './decode-json.ts';
import { parseJsonExactly, type RepeatedMembers } from './json-parser.ts';

/**
 * The fields that a JSON document without a type, such as a patch, names twice, in document order:
 * `duplicate field "spec.paused"`.
 *
 * @throws JsonSyntaxError with Go's text
 */
export function duplicateFields(input: string | Uint8Array): string[] {
  const { value, repeated } = parseJsonExactly(textOf(input));
  const found: string[] = [];
  collect(value, '', repeated, found);
  return found;
}

function collect(value: unknown, path: string, repeated: RepeatedMembers, found: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, `${path}[${index}]`, repeated, found);
    return;
  }
  const seen = new Set<string>();
  for (const [key, member] of repeated.get(value) ?? Object.entries(value)) {
    const field = path === '' ? key : `${path}.${key}`;
    if (seen.has(key)) found.push(`duplicate field ${goQuote(field)}`);
    seen.add(key);
    collect(member, field, repeated, found);
  }
}
