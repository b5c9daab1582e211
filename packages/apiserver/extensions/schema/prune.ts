import { isMembers, type Members, memberSchema, type Schema } from './schema.ts';

/** What an embedded resource always has. */
const resourceMembers: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Removes the members that a structural schema does not specify, in place.
 * @param isRoot the value is a whole resource: its metadata is not the schema's
 * @returns paths of what was removed, sorted
 */
export function prune(value: unknown, schema: Schema, isRoot: boolean): string[] {
  const removed: string[] = [];
  pruneValue(value, schema, isRoot, '', removed);
  return removed.sort();
}

/** @param schema absent where nothing is specified */
function pruneValue(
  value: unknown,
  schema: Schema | undefined,
  isResource: boolean,
  path: string,
  removed: string[],
): void {
  if (Array.isArray(value)) {
    const items = schema?.items;
    // A list that keeps what is unknown keeps it in its items.
    const kept =
      items !== undefined && keepsUnknown(schema)
        ? { ...items, 'x-kubernetes-preserve-unknown-fields': true }
        : items;
    if (kept === undefined && keepsUnknown(schema)) return;
    value.forEach((item, i) => {
      pruneValue(item, kept, embeds(kept), `${path}[${i}]`, removed);
    });
  } else if (isMembers(value)) {
    pruneMembers(value, schema, isResource, path, removed);
  }
}

const keepsUnknown = (schema: Schema | undefined): boolean =>
  schema?.['x-kubernetes-preserve-unknown-fields'] === true;

const embeds = (schema: Schema | undefined): boolean => schema?.['x-kubernetes-embedded-resource'] === true;

function pruneMembers(
  value: Members,
  schema: Schema | undefined,
  isResource: boolean,
  path: string,
  removed: string[],
): void {
  for (const [name, member] of Object.entries(value)) {
    if (isResource && resourceMembers.has(name)) continue;
    const at = path === '' ? name : `${path}.${name}`;
    const declared = schema === undefined ? undefined : memberSchema(schema, name);
    if (declared !== undefined) pruneValue(member, declared, embeds(declared), at, removed);
    else if (keepsUnknown(schema)) continue;
    // Any member may be there, but what is in it is not specified.
    else if (schema?.additionalProperties === true) pruneValue(member, undefined, false, at, removed);
    else {
      delete value[name];
      removed.push(at);
    }
  }
}
