import type { Schema } from './schema.ts';

const fnvPrime = 0x100000001b3n;
const fnvOffset = 0xcbf29ce484222325n;
const genericBody = '#/definitions/io.k8s.apimachinery';

/**
 * Moves the parameters that do not speak of one kind to the document's `parameters` and refers to them there, in
 * place. Their names are upstream's: they end with a hash of the parameter.
 */
export function shareParameters(paths: Record<string, Schema>): Record<string, Schema> {
  const ids = new Map<string, string>();
  const shared: Record<string, Schema> = {};
  const share = (parameter: Schema): Schema => {
    if (!isShared(parameter)) return parameter;
    const text = canonical(parameter);
    let id = ids.get(text);
    if (id === undefined) {
      id = `${parameter['name']}-${hash(text)}`;
      ids.set(text, id);
      shared[id] = parameter;
    }
    return { $ref: `#/parameters/${id}` };
  };
  for (const item of Object.values(paths)) {
    for (const owner of [item, ...Object.values<Schema>(item)]) {
      if (owner['parameters'] !== undefined) owner['parameters'] = owner['parameters'].map(share);
    }
  }
  return Object.fromEntries(Object.entries(shared).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Old kubectls look for `dryRun` and `fieldValidation` in the operations themselves. */
function isShared({ in: place, name, schema }: Schema): boolean {
  if (name === 'name') return place !== 'query' && place !== 'path';
  if (place === 'query') return name !== 'fieldValidation' && name !== 'dryRun';
  return place !== 'body' || schema?.['$ref']?.startsWith(genericBody) === true;
}

/** The text that upstream hashes: Go's encoding, members in the order of its structures. */
function canonical(parameter: Schema): string {
  const { uniqueItems, type, description, name, in: place, required, schema } = parameter;
  const ordered = { uniqueItems, type, description, name, in: place, required, schema };
  return JSON.stringify(ordered).replace(
    /[<>&]/g,
    (c) => `\\u00${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** 64-bit FNV-1 in URL-safe base64, the first eight characters. */
function hash(text: string): string {
  let sum = fnvOffset;
  for (const byte of Buffer.from(text, 'utf8')) sum = BigInt.asUintN(64, sum * fnvPrime) ^ BigInt(byte);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(sum);
  return bytes.toString('base64url').slice(0, 8);
}
