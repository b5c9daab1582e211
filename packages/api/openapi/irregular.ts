import { paths as pathText, schemas as schemaText } from '../generated/openapi-irregular.mjs';
import type { PathItem } from './operation.ts';
import { ruledSchema, type Schema } from './schema.ts';

let pathTable: Readonly<Record<string, PathItem>> | undefined;
let schemaTable: Readonly<Record<string, Schema>> | undefined;

/** Paths that follow no rule: connections to pods, logs, what is outside of the groups. */
export function irregularPaths(): Readonly<Record<string, PathItem>> {
  pathTable ??= JSON.parse(pathText) as Record<string, PathItem>;
  return pathTable;
}

/** The schema of a definition as published, without prose and kinds. */
export function definitionSchema(definition: string): Schema | undefined {
  const schema = ruledSchema(definition);
  schemaTable ??= JSON.parse(schemaText) as Record<string, Schema>;
  const exceptions = schemaTable[definition];
  if (exceptions === undefined) return schema;
  const { properties, ...rest } = exceptions;
  const merged: Schema = { ...schema, ...rest };
  if (properties !== undefined) merged['properties'] = { ...schema?.['properties'], ...properties };
  return merged;
}
