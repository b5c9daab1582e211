import { maxNesting } from '@coxswain/machinery';
import { findType } from '../facts.ts';
import { DecodeError, jsonKind, type Misfit, misfitError, misfitText, numberShown } from './decode-error.ts';
import { type FieldPlan, planOf, type StructPlan, type ValuePlan } from './decode-plan.ts';
import { normalizeBase64 } from './go-base64.ts';
import { normalizeMicroTime, normalizeTime } from './go-time.ts';
import { NumberLiteral, type RepeatedMembers, setMember } from './json-parser.ts';
import { goTime, integerOf, intOrString, quantity } from './unmarshalers.ts';

export { DecodeError };

/** Go's decoder stops collecting here. */
const maxStrictErrors = 100;
const uint8Max = 255;

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
    const object = this.#located(() => this.#object(plan, plan.goType, value));
    if (this.#firstError !== undefined) throw this.#firstError;
    return object ?? this.#emptyStruct(plan);
  }

  /** Runs a decoding; a value that an unmarshaler of a type's own refused is told with the place it stands at. */
  #located<T>(decode: () => T): T {
    try {
      return decode();
    } catch (cause) {
      if (!(cause instanceof DecodeError) || cause.misfit === undefined) throw cause;
      const { fields, ...misfit } = cause.misfit;
      throw this.#misfitError({ ...misfit, fields: [...this.#fieldStack(), ...fields] });
    }
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
        return typeof value === 'string' ? value.toWellFormed() : this.#mismatch(value, plan.goType);
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
    if (typeof value !== 'number' && !(value instanceof NumberLiteral))
      return this.#mismatch(value, plan.goType);
    const integer = integerOf(value, plan.kind === 'int64' ? 'int64' : 'int32');
    return integer ?? this.#mismatch(value, plan.goType, numberShown(value));
  }

  #bytes(plan: ValuePlan, value: unknown): string | undefined {
    if (Array.isArray(value)) return this.#byteList(value);
    if (typeof value !== 'string') return this.#mismatch(value, plan.goType);
    const text = normalizeBase64(value);
    if (typeof text === 'string') return text;
    this.#note(() => new DecodeError(`illegal base64 data at input byte ${text.badOffset}`));
    return undefined;
  }

  /** Bytes may also be written as a list of numbers. */
  #byteList(list: readonly unknown[]): string {
    const bytes = list.map((item) => {
      if (item === null) return 0;
      if (typeof item !== 'number' && !(item instanceof NumberLiteral))
        return this.#mismatch(item, 'uint8') ?? 0;
      const byte = integerOf(item, 'int32');
      if (byte !== undefined && byte >= 0 && byte <= uint8Max) return byte;
      return this.#mismatch(item, 'uint8', numberShown(item)) ?? 0;
    });
    return Buffer.from(bytes).toString('base64');
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
      setMember(out, key.toWellFormed(), this.#element(items, member));
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
    this.#note(() => this.#misfitError({ shown, goType, fields: this.#fieldStack() }));
    return undefined;
  }

  #misfitError(found: Misfit): DecodeError {
    return new DecodeError(misfitText(found, this.#struct), { misfit: found });
  }

  /** The names of the fields on the path, and of the structs that embed them. */
  #fieldStack(): string[] {
    return this.#path.flatMap((part, i) =>
      this.#steps[i] === inField ? [...(this.#fields[i]?.fact.embeddedIn ?? []), String(part)] : [],
    );
  }

  #note(error: () => DecodeError): void {
    this.#firstError ??= error();
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
    throw misfitError(jsonKind(wrong), 'string');
  }
  return value.length === 0 ? null : value.map((item) => item ?? '');
}
