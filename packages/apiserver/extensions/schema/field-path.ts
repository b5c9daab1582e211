import { FieldPath } from '@coxswain/machinery';
import { additionalSchema, type Schema } from './schema.ts';

/** What a path of names leads to, or what is wrong with it. */
export type FoundField =
  | { readonly path: FieldPath; readonly schema: Schema; readonly names: readonly string[] }
  | { readonly fault: string };

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

/**
 * Follows a path such as `.spec.ports['http']` through a schema.
 * @param at the place that the path begins at; absent: the root of an object
 */
export function findField(text: string, schema: Schema, at?: FieldPath, allowBrackets = true): FoundField {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gs) ?? [];
  const names: string[] = [];
  let path = at;
  let found: Schema = schema;
  let next = 0;
  /** Goes on to a member; false where there is none. */
  const step = (name: string): boolean => {
    const additional = additionalSchema(found);
    const member = found.properties !== undefined ? found.properties[name] : additional;
    if (member === undefined) return false;
    if (path === undefined) path = FieldPath.root(name);
    else path = found.properties !== undefined ? path.child(name) : path.key(name);
    names.push(name);
    found = member;
    return true;
  };
  while (next < tokens.length) {
    const token = tokens[next++] as string;
    if (token === '[') {
      if (!allowBrackets) return { fault: 'array notation is not allowed' };
      const quoted = tokens[next++];
      if (quoted === undefined) return { fault: 'unexpected end of JSON path' };
      if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) {
        return { fault: `expected single quoted string but got ${quoted}` };
      }
      const bad = /\\([^abfnrtv'\\])/.exec(quoted.slice(1, -1));
      if (bad !== null) return { fault: `invalid string literal: invalid escape char ${bad[0]}` };
      const name = quoted.slice(1, -1).replace(/\\(.)/g, (_, char: string) => escapes[char] ?? '');
      if (!step(name)) return { fault: 'does not refer to a valid field' };
      const close = tokens[next++];
      if (close === undefined) return { fault: 'unexpected end of JSON path' };
      if (close !== ']') return { fault: `expected ] but got ${close}` };
    } else if (token === '.') {
      const name = tokens[next++];
      if (name === undefined) return { fault: 'unexpected end of JSON path' };
      if (!step(name)) return { fault: 'does not refer to a valid field' };
    } else return { fault: `expected [ or . but got: ${token}` };
  }
  return { path: path ?? FieldPath.root(''), schema: found, names };
}
