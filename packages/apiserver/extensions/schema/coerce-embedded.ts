import { DecodeError, decodeValue, findType } from '@coxswain/api';
import { type FieldError, FieldPath, invalid, type TypeFact } from '@coxswain/machinery';
import { isOrEmbeds } from './embedded.ts';
import { isMembers, type Members, memberSchema, type Schema } from './schema.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** What came of the resources in a value. */
interface Coercion {
  /** `unknown field "spec.template.metadata.x"`, sorted */
  readonly unknown: readonly string[];
  /** The first member of a resource that does not have its type. */
  readonly fault?: FieldError;
}

/**
 * Reads the kind and metadata of the resources in a value as those of all resources, in place: what metadata does
 * not have is dropped; the value itself too, where its schema says that it is one.
 *
 * @param repairs drops what does not have its type, as of what was stored under another schema
 */
export function coerceEmbedded(
  value: unknown,
  schema: Schema,
  repairs = false,
  path: FieldPath = FieldPath.root(''),
): Coercion {
  const unknown: string[] = [];
  const fault = new Coercer(repairs, unknown).coerce(value, schema, path);
  return { unknown: unknown.sort(), ...(fault === undefined ? {} : { fault }) };
}

class Coercer {
  readonly #repairs: boolean;
  readonly #unknown: string[];

  constructor(repairs: boolean, unknown: string[]) {
    this.#repairs = repairs;
    this.#unknown = unknown;
  }

  coerce(value: unknown, schema: Schema | undefined, path: FieldPath): FieldError | undefined {
    if (schema === undefined || !isOrEmbeds(schema)) return undefined;
    if (Array.isArray(value)) {
      return firstOf(value, (item, i) => this.coerce(item, schema.items, path.index(i)));
    }
    if (!isMembers(value)) return undefined;
    const fault = schema['x-kubernetes-embedded-resource'] === true ? this.#resource(value, path) : undefined;
    if (fault !== undefined) return fault;
    return firstOf(Object.keys(value), (name) => {
      const isDeclared = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
      const at = isDeclared ? path.child(name) : path.key(name);
      return this.coerce(value[name], memberSchema(schema, name), at);
    });
  }

  #resource(value: Members, path: FieldPath): FieldError | undefined {
    for (const name of ['apiVersion', 'kind']) {
      if (value[name] === undefined || typeof value[name] === 'string') continue;
      if (!this.#repairs) return invalid(path.child(name), value[name], 'must be a string');
      delete value[name];
    }
    const type = findType(objectMeta);
    if (type === undefined || value['metadata'] === undefined) return undefined;
    const at = path.child('metadata');
    try {
      this.#metadata(value, type, at);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (!this.#repairs) return invalid(at, value['metadata'], error.message);
      if (isMembers(value['metadata'])) value['metadata'] = readable(value['metadata'], type);
    }
    return undefined;
  }

  #metadata(value: Members, type: TypeFact, at: FieldPath): void {
    const { object, strictErrors } = decodeValue(value['metadata'] ?? {}, type, { strict: true });
    value['metadata'] = object;
    for (const text of strictErrors) this.#unknown.push(text.replace('field "', `field "${at}.`));
  }
}

function firstOf<T>(
  values: readonly T[],
  find: (value: T, index: number) => FieldError | undefined,
): FieldError | undefined {
  for (const [index, value] of values.entries()) {
    const found = find(value, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The members of metadata that can be read, each as if it stood alone. */
function readable(metadata: Members, type: TypeFact): Members {
  const kept: Members = {};
  for (const [name, value] of Object.entries(metadata)) {
    try {
      Object.assign(kept, decodeValue({ [name]: value }, type, { strict: false }).object);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  return kept;
}
