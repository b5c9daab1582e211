import type { Schema } from './schema.ts';

const fnvPrime = 0x100000001b3n;
const fnvOffset = 0xcbf29ce484222325n;
const genericBody = '#/definitions/io.k8s.apimachinery';

/**
 * The parameters that do not speak of one kind: they stand in the document's `parameters`, and operations refer to
 * them. Their names are upstream's: they end with a hash of the parameter.
 */
export class SharedParameters {
  readonly #names = new Map<string, string>();
  /** As JSON. */
  readonly byName = new Map<string, string>();

  /** Puts references into a path, in place. */
  replaceIn(item: Schema): Schema {
    for (const owner of [item, ...Object.values<Schema>(item)]) {
      if (owner['parameters'] !== undefined) {
        owner['parameters'] = owner['parameters'].map((parameter: Schema) => this.#share(parameter));
      }
    }
    return item;
  }

  #share(parameter: Schema): Schema {
    if (!isShared(parameter)) return parameter;
    const text = canonical(parameter);
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `${parameter['name']}-${hash(text)}`;
      this.#names.set(text, name);
      this.byName.set(name, JSON.stringify(parameter));
    }
    return { $ref: `#/parameters/${name}` };
  }
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
