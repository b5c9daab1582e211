import {
  goQuote,
  type Int64,
  maxStoredNesting,
  maxTypedNesting,
  setMember,
  zeroValueOf,
} from '@coxswain/machinery';
import { findType } from '../facts.ts';
import { DecodeError, jsonKind, type Misfit, misfitError, misfitText, numberShown } from './decode-error.ts';
import { type FieldPlan, planOf, type StructPlan, type ValuePlan } from './decode-plan.ts';
import { normalizeBase64 } from './go-base64.ts';
import { normalizeMicroTime, normalizeTime } from './go-time.ts';
import { isJsonNumber, NumberLiteral, type RepeatedMembers } from './json-parser.ts';
import { plainJson, tooDeep } from './plain-json.ts';
import { duration, goTime, integerOf, intOrString, quantity } from './unmarshalers.ts';
import { afterNull, isZero } from './zero-values.ts';

export { DecodeError };

/** Go's decoder stops collecting here. */
const maxStrictErrors = 100;
const uint8Max = 255;
const schemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

const inField = 0;
const inIndex = 1;
const inKey = 2;

const none: readonly never[] = Object.freeze([]);

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
  /** What was read for the fields of the structs that a repeated member may add to. */
  readonly #slots: WeakMap<object, unknown[]> | undefined;
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
    this.#slots = repeated === undefined ? undefined : new WeakMap();
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

  /**
   * Undefined when the value is no object, which is noted.
   *
   * @param before what an earlier member of the same name gave: Go reads the later one on top of it
   */
  #object(plan: StructPlan, goType: string, value: unknown, before?: unknown): Members | undefined {
    if (!isMembers(value)) return this.#mismatch(value, goType);
    if (this.#depth > maxTypedNesting) throw tooDeep();
    const slots = this.#slotsBefore(before) ?? new Array<unknown>(plan.fields.length);
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
    const object = this.#assemble(plan, slots);
    this.#slots?.set(object, slots);
    return object;
  }

  #slotsBefore(before: unknown): unknown[] | undefined {
    return isMembers(before) ? this.#slots?.get(before) : undefined;
  }

  #member(plan: StructPlan, slots: unknown[], key: string, value: unknown): void {
    const field = plan.byName.get(key);
    if (field === undefined) {
      if (this.#strict) this.#strictError('unknown', key);
      return;
    }
    const before = slots[field.index];
    // A duration reads null itself, and takes it for an empty text.
    if (value === null && field.value.kind !== 'duration') {
      slots[field.index] = afterNull(field, before);
      return;
    }
    this.#path.push(key);
    this.#steps.push(inField);
    this.#fields[this.#steps.length - 1] = field;
    this.#struct = plan.goName;
    const decoded = this.#value(field.value, value, before);
    if (decoded !== undefined) slots[field.index] = decoded;
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
        return zeroValueOf(field.value.kind);
    }
  }

  #emptyStruct(plan: StructPlan): Members {
    return this.#assemble(plan, []);
  }

  /**
   * Gives undefined where the value does not fit, which is noted.
   *
   * @param value not null
   * @param before what an earlier member of the same name gave
   */
  #value(plan: ValuePlan, value: unknown, before?: unknown): unknown {
    switch (plan.kind) {
      case 'object':
        return this.#object((plan.struct as () => StructPlan)(), plan.goType, value, before);
      case 'array':
        return this.#array(plan, value, before);
      case 'map':
        return this.#map(plan, value, before);
      case 'duration':
        return duration(value);
      case 'string':
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
        if (plan.schemaOr !== undefined) return this.#schemaOr(plan.schemaOr, value);
        return this.#owned ? value : plainJson(value, maxStoredNesting - this.#depth);
    }
  }

  #double(value: unknown, goType: string): number | undefined {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (!(value instanceof NumberLiteral)) return this.#mismatch(value, goType);
    const double = Number(value.text);
    return Number.isFinite(double) ? double : this.#mismatch(value, goType, `number ${value.text}`);
  }

  #integer(plan: ValuePlan, value: unknown): Int64 | undefined {
    if (!isJsonNumber(value)) return this.#mismatch(value, plan.goType);
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
      if (!isJsonNumber(item)) return this.#mismatch(item, 'uint8') ?? 0;
      const byte = integerOf(item, 'int32');
      if (byte !== undefined && byte >= 0 && byte <= uint8Max) return byte;
      return this.#mismatch(item, 'uint8', numberShown(item)) ?? 0;
    });
    return Buffer.from(bytes).toString('base64');
  }

  #array(plan: ValuePlan, value: unknown, before: unknown): unknown[] | undefined {
    if (!Array.isArray(value)) return this.#mismatch(value, plan.goType);
    const items = plan.items as ValuePlan;
    const earlier = Array.isArray(before) ? (before as readonly unknown[]) : none;
    const out: unknown[] = new Array(value.length);
    this.#path.push(0);
    this.#steps.push(inIndex);
    for (let i = 0; i < value.length; i++) {
      this.#path[this.#path.length - 1] = i;
      out[i] = this.#element(items, value[i], earlier[i]);
    }
    this.#path.pop();
    this.#steps.pop();
    return out;
  }

  #map(plan: ValuePlan, value: unknown, before: unknown): Members | undefined {
    if (!isMembers(value)) return this.#mismatch(value, plan.goType);
    const items = plan.items as ValuePlan;
    const repeated = this.#repeated?.get(value);
    return sortedMembers(
      repeated === undefined && !isMembers(before)
        ? this.#members(items, value)
        : this.#repeatedMembers(items, repeated ?? Object.entries(value), before),
    );
  }

  /** The members of a map that names none twice; the map itself where it is this decoder's, and is what it should be. */
  #members(items: ValuePlan, value: Members): Members {
    let out = this.#owned ? value : undefined;
    const names = Object.keys(value);
    this.#path.push('');
    this.#steps.push(inKey);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      this.#path[this.#path.length - 1] = name;
      const member = value[name];
      const decoded = this.#element(items, member);
      const known = name.toWellFormed();
      if (out === value) {
        if (decoded === member && known === name) continue;
        out = copyOf(value, names.slice(0, i));
      }
      out ??= {};
      setMember(out, known, decoded);
    }
    this.#path.pop();
    this.#steps.pop();
    return out ?? {};
  }

  #repeatedMembers(
    items: ValuePlan,
    members: readonly (readonly [string, unknown])[],
    before: unknown,
  ): Members {
    const out: Members = isMembers(before) ? { ...before } : {};
    const seen = new Set<string>();
    for (const [name, member] of members) {
      if (seen.has(name)) this.#strictError('duplicate', name);
      seen.add(name);
      this.#path.push(name);
      this.#steps.push(inKey);
      setMember(out, name.toWellFormed(), this.#element(items, member));
      this.#path.pop();
      this.#steps.pop();
    }
    return out;
  }

  /** In a list or map there is no place to be absent: null and what does not fit become the type's zero. */
  #element(plan: ValuePlan, value: unknown, before?: unknown): unknown {
    const decoded = value === null ? undefined : this.#value(plan, value, before);
    if (decoded !== undefined) return decoded;
    if (before !== undefined && plan.items === undefined) return before;
    return plan.kind === 'object'
      ? this.#emptyStruct((plan.struct as () => StructPlan)())
      : zeroValueOf(plan.kind);
  }

  /** JSONSchemaPropsOrX read themselves with an own, lenient decoder: strictness ends here. */
  #schemaOr(other: 'array' | 'bool' | 'strings', value: unknown): unknown {
    const decodeSchema = (schema: unknown): unknown => {
      const type = findType(schemaProps);
      if (type === undefined) return undefined;
      return new Decoder(false, this.#repeated, false, this.#depth).decode(planOf(type), schema ?? {});
    };
    if (isMembers(value)) return decodeSchema(value);
    if (other === 'bool') {
      if (typeof value === 'boolean') return value;
      throw new DecodeError('boolean or JSON schema expected');
    }
    if (!Array.isArray(value) || value.length === 0) return null;
    if (other === 'array') return value.map(decodeSchema);
    const wrong = value.find((item) => typeof item !== 'string' && item !== null);
    if (wrong !== undefined) throw misfitError(jsonKind(wrong), 'string');
    return value.map((item) => item ?? '');
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
    this.#strictErrors.add(`${what} field ${goQuote(at === '' ? key : `${at}.${key}`)}`);
  }
}

function isMembers(value: unknown): value is Members {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral)
  );
}

/** The members in the order of their names, in which Go writes maps. */
function sortedMembers(members: Members): Members {
  let last = '';
  let sorted = true;
  for (const key in members) {
    sorted &&= last <= key;
    last = key;
  }
  if (sorted) return members;
  const out: Members = {};
  for (const key of Object.keys(members).sort()) setMember(out, key, members[key]);
  return out;
}

function copyOf(members: Members, names: readonly string[]): Members {
  const copy: Members = {};
  for (const name of names) setMember(copy, name, members[name]);
  return copy;
}
