import { copyJson } from '@coxswain/machinery';
import { Failure } from '../error-text.ts';
import { type Selector, select } from './patches.ts';
import type { Resource, ResourceId } from './resource.ts';

interface FieldOptions {
  readonly delimiter?: string;
  readonly index?: number;
  readonly create?: boolean;
}

/** An entry of `replacements`: a value of one object, and where it goes. */
export interface Replacement {
  readonly source?: Partial<ResourceId> & { readonly fieldPath?: string; readonly options?: FieldOptions };
  readonly targets?: readonly {
    readonly select?: Selector;
    readonly reject?: readonly Selector[];
    readonly fieldPaths?: readonly string[];
    readonly options?: FieldOptions;
  }[];
}

/** Copies a value from one resource into fields of others, in place. Throws `Failure`. */
export function replace({ source, targets }: Replacement, resources: readonly Resource[]): void {
  if (source === undefined || targets === undefined) {
    throw new Failure('replacements must specify a source and at least one target');
  }
  const value = sourceValue(source, resources);
  for (const { select: selector, reject = [], fieldPaths = ['metadata.name'], options } of targets) {
    if (selector === undefined) throw new Failure('target must specify resources to select');
    const rejected = new Set(reject.flatMap((each) => select(resources, each)));
    for (const resource of select(resources, selector)) {
      if (rejected.has(resource)) continue;
      resource.rememberId();
      for (const path of fieldPaths) {
        const found = setAt(resource.object, pathOf(path), value, options ?? {});
        if (!found) throw new Failure(`unable to find field "${path}" in replacement target`);
      }
    }
  }
}

function sourceValue(source: NonNullable<Replacement['source']>, resources: readonly Resource[]): unknown {
  const { fieldPath = 'metadata.name', options } = source;
  const matches = select(resources, source);
  const [resource] = matches;
  const text = JSON.stringify(source);
  if (resource === undefined) throw new Failure(`nothing selected by ${text}`);
  if (matches.length > 1) throw new Failure(`multiple matches for selector ${text}`);
  const values: unknown[] = [];
  visit(resource.object, pathOf(fieldPath), (holder, key) => values.push(holder[key]));
  const value = values[0];
  if (value === undefined)
    throw new Failure(
      `fieldPath \`${fieldPath}\` is missing for replacement source ${resource.id.kind}.${resource.id.name}`,
    );
  if (!options?.delimiter) return value;
  const parts = String(value).split(options.delimiter);
  const part = parts[options.index ?? 0];
  if (part === undefined)
    throw new Failure(`options.index ${options.index} is out of bounds for value ${value}`);
  return part;
}

/** `spec.template.[name=x].image`, with `[a.b]` and `\.` for dots in names. */
function pathOf(text: string): string[] {
  const parts = text.match(/(?:\\.|\[[^\]]*\]|[^.\\[])+/g) ?? [];
  return parts.map((part) => part.replaceAll('\\.', '.').replace(/^\[(?!.*=)(.*)\]$/, '$1'));
}

type Holder = Record<string | number, unknown>;

/** Calls for every place that the path leads to; with `create` also for one that is not there yet. */
function visit(
  node: unknown,
  [part = '', ...rest]: readonly string[],
  at: (holder: Holder, key: string | number) => void,
  create = false,
): void {
  if (typeof node !== 'object' || node === null) return;
  const holder = node as Holder;
  for (const key of keysOf(holder, part, create)) {
    if (rest.length === 0) at(holder, key);
    else {
      if (holder[key] === undefined && create) holder[key] = {};
      visit(holder[key], rest, at, create);
    }
  }
}

function keysOf(holder: Holder, part: string, create: boolean): (string | number)[] {
  if (!Array.isArray(holder)) return create || Object.hasOwn(holder, part) ? [part] : [];
  if (part === '*') return [...holder.keys()];
  if (/^\d+$/.test(part)) return Number(part) < holder.length ? [Number(part)] : [];
  const [, field, wanted] = /^\[([^=]*)=(.*)\]$/.exec(part) ?? [];
  if (field === undefined) return [];
  return [...holder.keys()].filter((i) => {
    const item = holder[i] as Record<string, unknown> | string;
    return String(field === '' ? item : (item as Record<string, unknown>)?.[field]) === wanted;
  });
}

function setAt(root: unknown, path: readonly string[], value: unknown, options: FieldOptions): boolean {
  let found = false;
  visit(
    root,
    path,
    (holder, key) => {
      found = true;
      holder[key] = options.delimiter ? joined(holder[key], value, options) : typed(holder[key], value);
    },
    options.create,
  );
  return found;
}

/** A text field takes any scalar as text. */
function typed(old: unknown, value: unknown): unknown {
  if (typeof old === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return String(value);
  return copyJson(value);
}

function joined(old: unknown, value: unknown, { delimiter = '', index = 0 }: FieldOptions): string {
  if (typeof old === 'object' && old !== null)
    throw new Failure('delimiter option can only be used with scalar nodes');
  const parts = String(old ?? '').split(delimiter);
  if (index < 0) parts.unshift(String(value));
  else if (index >= parts.length) parts.push(String(value));
  else parts[index] = String(value);
  return parts.join(delimiter);
}
