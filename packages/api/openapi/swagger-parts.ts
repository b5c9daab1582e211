import { type Steps, writeJson } from '@coxswain/machinery';
import { customSwagger } from './custom.ts';
import { documentNames, type OpenApiOptions, openApiV3Document, revisionOf } from './document.ts';
import type { Schema } from './schema.ts';
import { SharedParameters } from './shared-parameters.ts';
import { toDefinition, toPathItem } from './to-swagger.ts';

/** What some documents come to in Swagger 2: each member as its JSON, by name. */
export interface SwaggerPart {
  readonly paths: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly definitions: ReadonlyMap<string, string>;
}

const made = new Map<string, SwaggerPart>();
/** Parts of definitions that have changed since are of no use. */
const madeLimit = 500;

/** Those of the release, which are made once, and one for each document with custom resources. */
export function* swaggerParts(options: OpenApiOptions): Steps<SwaggerPart[]> {
  const { custom = [], ...builtIn } = options;
  const sources = { ...options, custom: customSwagger(custom) };
  const groups = new Set(documentNames(builtIn));
  const all = [yield* partOf([...groups].join(' '), [...groups], builtIn)];
  for (const name of documentNames(options)) {
    const revision = revisionOf(name, options);
    if (revision !== '' || !groups.has(name)) all.push(yield* partOf(`${name}${revision}`, [name], sources));
  }
  return all;
}

function* partOf(key: string, names: readonly string[], options: OpenApiOptions): Steps<SwaggerPart> {
  let part = made.get(key);
  if (part === undefined) {
    part = yield* makePart(names, options);
    if (made.size >= madeLimit) made.clear();
    made.set(key, part);
  }
  return part;
}

function* makePart(names: readonly string[], options: OpenApiOptions): Steps<SwaggerPart> {
  const definitions = new Map<string, string>();
  const paths = new Map<string, string>();
  const shared = new SharedParameters();
  for (const name of names) {
    const document = yield* openApiV3Document(name, options);
    for (const [definition, schema] of Object.entries<Schema>(document['components'].schemas ?? {})) {
      if (definitions.has(definition)) continue;
      definitions.set(definition, writeJson(toDefinition(definition, schema)));
      yield;
    }
    for (const [path, item] of Object.entries<Schema>(document['paths'])) {
      paths.set(path, JSON.stringify(shared.replaceIn(toPathItem(item))));
      yield;
    }
  }
  return { paths, definitions, parameters: shared.byName };
}

/** A member by name, as JSON or encoded. */
export type Member<T = string> = readonly [name: string, value: T];

/** Members of all parts, sorted; of those of equal name the first part's. */
export function join<K extends string, T>(
  from: readonly Readonly<Record<K, ReadonlyMap<string, T>>>[],
): Record<K, Member<T>[]> {
  const all: Partial<Record<K, Member<T>[]>> = {};
  for (const kind of Object.keys(from[0] as object) as K[]) {
    const members = new Map<string, T>();
    for (const part of from) {
      for (const [name, value] of part[kind]) if (!members.has(name)) members.set(name, value);
    }
    all[kind] = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  }
  return all as Record<K, Member<T>[]>;
}
