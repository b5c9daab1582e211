import type { ResourceId } from './resource.ts';

/** A field of objects, for transformers to change. */
export interface FieldSpec {
  /** Names with `/` between; lists on the way are gone through. `\/` stands for a slash in a name. */
  readonly path: string;
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  /** Make the field, and what leads to it, where it is not there. */
  readonly create?: boolean;
}

/** Whether the spec is of objects of this kind; what it leaves out fits all. */
export function isOfKind(spec: Pick<FieldSpec, 'group' | 'version' | 'kind'>, id: ResourceId): boolean {
  return (['group', 'version', 'kind'] as const).every((part) => !spec[part] || spec[part] === id[part]);
}

/**
 * Changes every value at the field's path in place.
 * @param set gives the new value; it is called with undefined for a field that is made
 */
export function changeField(root: unknown, spec: FieldSpec, set: (old: any) => unknown): void {
  walk(root, splitPath(spec.path), spec.create === true, set);
}

/** The names of a path. */
function splitPath(path: string): string[] {
  return path.split(/(?<!\\)\//).map((part) => part.replaceAll('\\/', '/').replace(/\[\]$/, ''));
}

function walk(node: unknown, path: readonly string[], create: boolean, set: (old: any) => unknown): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, path, create, set);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const map = node as Record<string, unknown>;
  const [name = '', ...rest] = path;
  const there = map[name] !== undefined && map[name] !== null;
  if (!there && !create) return;
  if (rest.length === 0) {
    map[name] = set(map[name] ?? undefined);
    return;
  }
  if (!there) map[name] = {};
  walk(map[name], rest, create, set);
}
