import { isMembers, type Members, memberSchema, type Schema } from './schema.ts';

/** What an embedded resource always has. */
const resourceMembers: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Removes the members that a structural schema does not specify, in place.
 * @param isRoot the value is a whole resource: its metadata is not the schema's
 * @returns paths of what was removed, in document order
 */
export function prune(value: unknown, schema: Schema, isRoot: boolean): string[] {
  const removed: string[] = [];
  pruneValue(value, schema, isRoot, '', removed);
  return removed;
}

function pruneValue(
  value: unknown,
  schema: Schema | undefined,
  isResource: boolean,
  path: string,
  removed: string[],
): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    value.forEach((item, i) => {
      pruneValue(item, items, items?.['x-kubernetes-embedded-resource'] === true, `${path}[${i}]`, removed);
    });
  } else if (isMembers(value)) {
    pruneMembers(value, schema, isResource, path, removed);
  }
}

function pruneMembers(
  value: Members,
  schema: Schema,
  isResource: boolean,
  path: string,
  removed: string[],
): void {
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  for (const [name, member] of Object.entries(value)) {
    if (isResource && resourceMembers.has(name)) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const declared = memberSchema(schema, name);
    if (declared !== undefined) {
      pruneValue(member, declared, declared['x-kubernetes-embedded-resource'] === true, at, removed);
    } else if (!keepsUnknown && schema.additionalProperties !== true) {
      delete value[name];
      removed.push(at);
    }
  }
}
