import { canonicalQuantity, maxNesting, QuantityParseError } from '@coxswain/machinery';
import { findType } from '../facts.ts';
import { type FieldPlan, planOf, type StructPlan, type ValuePlan } from './decode-plan.ts';
import { normalizeBase64 } from './go-base64.ts';
import { normalizeMicroTime, normalizeTime, TimeParseError } from './go-time.ts';
import { NumberLiteral, type RepeatedMembers, setMember } from './json-parser.ts';

/** A JSON value that does not fit the type; the message is Go's. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'ERR_DECODE';
}

/** Go's decoder stops collecting here. */
const maxStrictErrors = 100;
const int32Max = 2 ** 31 - 1;
const int32Min = -(2 ** 31);
const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);

const inField = 0;
const inIndex = 1;
const inKey = 2;

type Members = Record<string, unknown>;

/**
 * Turns parsed JSON into the object that Go would write after reading it into the type: unknown members are
 * gone, nulls and zero values are dropped or kept as the struct tags say, times, quantities and base64 are
 * canonical, members stand in the order of the struct. Walks in document order, so that errors come in Go's.
 */
export class Decoder {
  readonly #strict: boolean;
  readonly #repeated: RepeatedMembers | undefined;
  readonly #owned: boolean;
  /** How deep the value lies in another. */
  readonly #base: number;
  readonly #path: (string | number)[] = [];
  readonly #steps: number[] = [];
  /** The fields on the path, for the structs that embed them. */
  readonly #fields: (FieldPlan | undefined)[] = [];
  #struct = '';
  #firstError: DecodeError | undefined;
  readonly #strictErrors = new Set<string>();

  /**
   * @param owned the value was parsed for this decoder alone, and its numbers are plain: what has no type of its
   *   own need not be copied
   * @param base how deep the value lies in another that is decoded already
   */
  constructor(strict: boolean, repeated?: RepeatedMembers, owned = false, base = 0) {
    this.#base = base;
    this.#strict = strict;
    this.#repeated = repeated;
    this.#owned = owned;
  }

  get #depth(): number {
    return this.#base + this.#steps.length;
  }

  get strictErrors(): string[] {
    return [...this.#strictErrors];
  }

  /** Decodes a whole document; throws the error that Go would return. */
  decode(plan: StructPlan, value: unknown): Members {
    const object = this.#object(plan, plan.goType, value);
    if (this.#firstError !== undefined) throw this.#firstError;
    return object ?? this.#emptyStruct(plan);
  }

  /** Undefined when the value is no object, which is noted. */
  #object(plan: StructPlan, goType: string, value: unknown): Members | undefined {
    if (!isMembers(value)) {
      this.#mismatch(value, goType);
      return undefined;
    }
    if (this.#depth > maxNesting) throw tooDeep();
    const slots: unknown[] = new Array(plan.fields.length);
    const outer = this.#struct;
    const repeated = this.#repeated?.get(value);
    if (repeated === undefined) {
      for (const key of Object.keys(value)) this.#member(plan, slots, key, value[key]);
    } else {
      const seen = new Set<string>();
      for (const [key, member] of repeated) {
        if (seen.has(key) && plan.byName.has(key)) this.#strictError('duplicate', key);
        seen.add(key);
        this.#member(plan, slots, key, member);
      }
    }
    this.#struct = outer;
    return this.#assemble(plan, slots);
  }

  #member(plan: StructPlan, slots: unknown[], key: string, value: unknown): void {
    const field = plan.byName.get(key);
    if (field === undefined) {
      if (this.#strict) this.#strictError('unknown', key);
      return;
    }
    if (value === null) {
      // A later null leaves a scalar as it is and clears a pointer, list or map.
      if (field.value.items !== undefined || field.fact.pointer) slots[field.index] = undefined;
      return;
    }
    this.#path.push(key);
    this.#steps.push(inField);
    this.#fields[this.#steps.length - 1] = field;
    this.#struct = plan.goName;
    slots[field.index] = this.#value(field.value, value);
    this.#struct = plan.goName;
    this.#path.pop();
    this.#steps.pop();
  }

  #assemble(plan: StructPlan, slots: readonly unknown[]): Members {
    const out: Members = {};
    for (const field of plan.fields) {
      const value = slots[field.index];
      if (value === undefined) {
        const absent = this.#absent(field);
        if (absent !== undefined) out[field.name] = absent;
      } else if (field.keepsZero || !isZero(field, value)) {
        out[field.name] = value;
      }
    }
    return out;
  }

  #absent(field: FieldPlan): unknown {
    switch (field.whenAbsent) {
      case 'omit':
        return undefined;
      case 'null':
        return null;
      case 'struct':
        return this.#emptyStruct((field.value.struct as () => StructPlan)());
      case 'zero':
        return zeroOf(field.value);
    }
  }

  #emptyStruct(plan: StructPlan): Members {
    return this.#assemble(plan, []);
  }

  /** `value` is not null. Gives undefined where the value does not fit, which is noted. */
  #value(plan: ValuePlan, value: unknown): unknown {
    switch (plan.kind) {
      case 'object':
        return this.#object((plan.struct as () => StructPlan)(), plan.goType, value);
      case 'array':
        return this.#array(plan, value);
      case 'map':
        return this.#map(plan, value);
      case 'string':
      case 'duration':
        return typeof value === 'string' ? value : this.#mismatch(value, plan.goType);
      case 'bool':
        return typeof value === 'boolean' ? value : this.#mismatch(value, plan.goType);
      case 'int32':
      case 'int64':
        return this.#integer(plan, value);
      case 'float64':
        return this.#double(value, plan.goType);
      case 'bytes':
        return this.#bytes(plan, value);
      case 'time':
        return goTime(value, normalizeTime);
      case 'microtime':
        return goTime(value, normalizeMicroTime);
      case 'quantity':
        return quantity(value);
      case 'intOrString':
        return intOrString(value);
      case 'any':
        if (plan.schemaOr !== undefined) return schemaOr(plan.schemaOr, value, this.#depth);
        return this.#owned ? value : plainJson(value, maxNesting - this.#depth);
    }
  }

  #double(value: unknown, goType: string): number | undefined {
    if (typeof value === 'number') return value;
    if (!(value instanceof NumberLiteral)) return this.#mismatch(value, goType);
    const double = Number(value.text);
    return Number.isFinite(double) ? double : this.#mismatch(value, goType, `number ${value.text}`);
  }

  #integer(plan: ValuePlan, value: unknown): number | undefined {
    if (typeof value === 'number') {
      if (plan.kind === 'int64' || (value <= int32Max && value >= int32Min)) return value;
      return this.#mismatch(value, plan.goType, `number ${value}`);
    }
    if (!(value instanceof NumberLiteral)) return this.#mismatch(value, plan.goType);
    if (/^-?\d+$/.test(value.text)) {
      const exact = BigInt(value.text);
      if (plan.kind === 'int64' && exact <= int64Max && exact >= int64Min) return Number(exact) + 0;
      if (exact === 0n) return 0;
    }
    return this.#mismatch(value, plan.goType, `number ${value.text}`);
  }

  #bytes(plan: ValuePlan, value: unknown): string | undefined {
    if (typeof value !== 'string') return this.#mismatch(value, plan.goType);
    const text = normalizeBase64(value);
    if (typeof text === 'string') return text;
    this.#note(`illegal base64 data at input byte ${text.badOffset}`);
    return undefined;
  }

  #array(plan: ValuePlan, value: unknown): unknown[] | undefined {
    if (!Array.isArray(value)) return this.#mismatch(value, plan.goType);
    const items = plan.items as ValuePlan;
    const out: unknown[] = new Array(value.length);
    this.#path.push(0);
    this.#steps.push(inIndex);
    for (let i = 0; i < value.length; i++) {
      this.#path[this.#path.length - 1] = i;
      out[i] = this.#element(items, value[i]);
    }
    this.#path.pop();
    this.#steps.pop();
    return out;
  }

  #map(plan: ValuePlan, value: unknown): Members | undefined {
    if (!isMembers(value)) return this.#mismatch(value, plan.goType);
    const items = plan.items as ValuePlan;
    const out: Members = {};
    const repeated = this.#repeated?.get(value);
    const seen = new Set<string>();
    for (const [key, member] of repeated ?? Object.entries(value)) {
      if (repeated !== undefined && seen.has(key)) this.#strictError('duplicate', key);
      seen.add(key);
      this.#path.push(key);
      this.#steps.push(inKey);
      setMember(out, key, this.#element(items, member));
      this.#path.pop();
      this.#steps.pop();
    }
    return out;
  }

  /** In a list or map there is no place to be absent: null and what does not fit become the type's zero. */
  #element(plan: ValuePlan, value: unknown): unknown {
    const decoded = value === null ? undefined : this.#value(plan, value);
    if (decoded !== undefined) return decoded;
    return plan.kind === 'object' ? this.#emptyStruct((plan.struct as () => StructPlan)()) : zeroOf(plan);
  }

  #mismatch(value: unknown, goType: string, shown = jsonKind(value)): undefined {
    const fields = this.#path.flatMap((part, i) =>
      this.#steps[i] === inField ? [...(this.#fields[i]?.fact.embeddedIn ?? []), part] : [],
    );
    const where =
      fields.length === 0
        ? `Go value of type ${goType}`
        : `Go struct field ${this.#struct}.${fields.join('.')} of type ${goType}`;
    this.#note(`json: cannot unmarshal ${shown} into ${where}`);
    return undefined;
  }

  #note(message: string): void {
    this.#firstError ??= new DecodeError(message);
  }

  #strictError(what: 'unknown' | 'duplicate', key: string): void {
    if (!this.#strict || this.#strictErrors.size >= maxStrictErrors) return;
    let at = '';
    this.#path.forEach((part, i) => {
      at += this.#steps[i] === inIndex ? `[${part}]` : at === '' ? part : `.${part}`;
    });
    this.#strictErrors.add(`${what} field ${JSON.stringify(at === '' ? key : `${at}.${key}`)}`);
  }
}

function isMembers(value: unknown): value is Members {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral)
  );
}

/** How Go names the kind of a JSON value that it met. */
function jsonKind(value: unknown): string {
  if (value instanceof NumberLiteral) return 'number';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function isZero(field: FieldPlan, value: unknown): boolean {
  switch (field.value.kind) {
    case 'string':
    case 'bytes':
    case 'duration':
      return value === '';
    case 'bool':
      return value === false;
    case 'int32':
    case 'int64':
    case 'float64':
      return value === 0;
    case 'array':
      return (value as unknown[]).length === 0;
    case 'map':
      return isEmpty(value as object);
    case 'object':
      return field.fact.omitZero && isEmpty(value as object);
    default:
      return false;
  }
}

function isEmpty(value: object): boolean {
  for (const _ in value) return false;
  return true;
}

function zeroOf(plan: ValuePlan): unknown {
  switch (plan.kind) {
    case 'string':
    case 'duration':
      return '';
    case 'quantity':
      return '0';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0;
    default:
      return null;
  }
}

/** Errors of Go's own unmarshalers end the decoding at once, before any that was only noted. */
function goTime(value: unknown, normalize: (text: string) => string): string {
  if (typeof value !== 'string') {
    throw new DecodeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`);
  }
  try {
    return normalize(value);
  } catch (cause) {
    if (cause instanceof TimeParseError) throw new DecodeError(cause.message, { cause });
    throw cause;
  }
}

function quantity(value: unknown): string {
  const text =
    value instanceof NumberLiteral
      ? value.text
      : typeof value === 'string'
        ? value.trim()
        : JSON.stringify(value);
  try {
    return canonicalQuantity(text);
  } catch (cause) {
    if (cause instanceof QuantityParseError) throw new DecodeError(cause.message, { cause });
    throw cause;
  }
}

function intOrString(value: unknown): string | number {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && value <= int32Max && value >= int32Min) return value;
  const kind = jsonKind(value);
  const shown =
    kind !== 'number' ? kind : `number ${value instanceof NumberLiteral ? value.text : String(value)}`;
  throw new DecodeError(`json: cannot unmarshal ${shown} into Go value of type int32`);
}

function tooDeep(): DecodeError {
  return new DecodeError('exceeded max depth');
}

/** Replaces numbers kept as written by doubles; `left` is how deep the value may nest. */
function plainJson(value: unknown, left: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof NumberLiteral) return doubleOf(value.text);
  if (left <= 0) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => plainJson(item, left - 1));
  const out: Members = {};
  for (const key of Object.keys(value)) setMember(out, key, plainJson((value as Members)[key], left - 1));
  return out;
}

/** What no double holds would be written as null. */
function doubleOf(text: string): number {
  const double = Number(text);
  if (Number.isFinite(double)) return double;
  throw new DecodeError(`json: cannot unmarshal number ${text} into Go value of type float64`);
}

const schemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** JSONSchemaPropsOrX read themselves with an own, lenient decoder: strictness ends here. */
function schemaOr(other: 'array' | 'bool' | 'strings', value: unknown, depth: number): unknown {
  const decodeSchema = (schema: unknown): unknown => {
    const type = findType(schemaProps);
    return type === undefined
      ? undefined
      : new Decoder(false, undefined, false, depth).decode(planOf(type), schema);
  };
  if (isMembers(value)) return decodeSchema(value);
  if (other === 'bool') {
    if (typeof value === 'boolean') return value;
    throw new DecodeError('boolean or JSON schema expected');
  }
  if (!Array.isArray(value)) return null;
  if (other === 'array') return value.length === 0 ? null : value.map(decodeSchema);
  const wrong = value.find((item) => typeof item !== 'string' && item !== null);
  if (wrong !== undefined) {
    throw new DecodeError(`json: cannot unmarshal ${jsonKind(wrong)} into Go value of type string`);
  }
  return value.length === 0 ? null : value.map((item) => item ?? '');
}
