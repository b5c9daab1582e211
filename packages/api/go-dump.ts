import {
  decimalSuffixes,
  type FieldFact,
  parseQuantity,
  type TypeFact,
  type ValueFact,
} from '@coxswain/machinery';
import { goMemberName } from './go-names.ts';
import { findType } from './type-facts.ts';

type Members = Record<string, any>;

/**
 * An object as upstream dumps the Go struct to hash it (`dump.ForHash`): every member in Go's order with name and
 * type, also what is empty; pointers followed; maps sorted. Names of objects are made from such hashes.
 *
 * @param definition the name of the type, such as `io.k8s.api.core.v1.PodTemplateSpec`
 */
export function goDump(value: Members, definition: string): string {
  const type = findType(definition);
  if (type === undefined) throw new Error(`dump a Go struct: there is no type "${definition}"`);
  return `(${packageOf(type)}.${type.goName})${struct(value, type)}`;
}

function packageOf(type: TypeFact): string {
  return type.name.split('.').at(-2)!;
}

function struct(value: Members | undefined, type: TypeFact): string {
  const parts: string[] = [];
  const { ordered } = type;
  for (let i = 0; i < ordered.length; ) {
    const field = ordered[i]!;
    const [embedded] = field.embeddedIn;
    if (embedded === undefined) {
      parts.push(member(value, type, field));
      i++;
      continue;
    }
    // the members of an embedded struct stand together
    const inner: string[] = [];
    while (i < ordered.length && ordered[i]!.embeddedIn[0] === embedded) {
      inner.push(member(value, type, ordered[i]!));
      i++;
    }
    parts.push(`${embedded}:(${packageOf(type)}.${embedded}){${inner.join(' ')}}`);
  }
  return `{${parts.join(' ')}}`;
}

function member(holder: Members | undefined, type: TypeFact, field: FieldFact): string {
  const value: unknown = holder?.[field.name];
  const pointer = field.pointer ? '*' : '';
  const shown = field.pointer && value == null ? '<nil>' : dump(value, field.value);
  return `${goMemberName(type.goName, field.name)}:(${pointer}${field.goType})${shown}`;
}

const noTime = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';

function dump(value: any, fact: ValueFact): string {
  switch (fact.kind) {
    case 'bool':
      return value ? 'true' : 'false';
    case 'int32':
    case 'int64':
    case 'float64':
      return String(value ?? 0);
    case 'time':
    case 'microtime':
      return value == null ? noTime : String(value);
    case 'quantity':
      return quantity(value ?? '0');
    case 'intOrString':
      return typeof value === 'string'
        ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
        : `{Type:(intstr.Type)0 IntVal:(int32)${value ?? 0} StrVal:(string)}`;
    case 'object':
      return struct(value ?? undefined, fact.type);
    case 'array':
      if (value == null || value.length === 0) return '<nil>';
      return `[${value.map((item: unknown) => dump(item, fact.items)).join(' ')}]`;
    case 'map': {
      const keys = Object.keys(value ?? {}).sort();
      if (keys.length === 0) return '<nil>';
      return `map[${keys.map((key) => `${key}:${dump(value[key], fact.values)}`).join(' ')}]`;
    }
    default:
      return value == null ? '' : String(value);
  }
}

const binarySuffixes = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
// what fits an int64 for sure; larger amounts are held as big decimals
const safeDigits = 18;

/** A canonical quantity as Go holds it once it was read: digits and a power of ten, or a big decimal. */
function quantity(text: string): string {
  const nothing = 'd:(resource.infDecAmount){Dec:(*inf.Dec)<nil>}';
  const small = (value: bigint, scale: number, format: string): string =>
    `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} ${nothing} s:(string)${text} Format:(resource.Format)${format}}`;
  if (text === '0') return small(0n, 0, '');
  const [, sign = '', digits = '', suffix = ''] = /^(-?)(\d+)(.*)$/.exec(text) ?? [];
  const amount = BigInt(`${sign}${digits}`);
  const power = binarySuffixes.indexOf(suffix);
  if (power >= 0) {
    const bits = 10 * (power + 1);
    // Go's own estimate of the decimal digits that are left
    const left = 15 - digits.length - Math.trunc((bits * 3) / 10) - 1;
    if (left >= 0) return small(amount << BigInt(bits), 0, 'BinarySI');
    return big(parseQuantity(text).value(), text, 'BinarySI');
  }
  const isExponent = /^[eE]-?\d+$/.test(suffix);
  const scale = isExponent ? Number(suffix.slice(1)) : (decimalSuffixes[suffix] ?? 0);
  const format = isExponent ? 'DecimalExponent' : 'DecimalSI';
  if (digits.length <= safeDigits) return small(amount, scale, format);
  return big(amount, text, format, -scale);
}

function big(amount: bigint, text: string, format: string, scale = 0): string {
  const words: bigint[] = [];
  for (let rest = amount < 0n ? -amount : amount; rest > 0n; rest >>= 64n) {
    words.push(rest & 0xffffffffffffffffn);
  }
  const unscaled = `{neg:(bool)${amount < 0n} abs:(big.nat)[${words.join(' ')}]}`;
  const decimal = `{unscaled:(big.Int)${unscaled} scale:(inf.Scale)${scale}}`;
  return `{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} d:(resource.infDecAmount){Dec:(*inf.Dec)${decimal}} s:(string)${text} Format:(resource.Format)${format}}`;
}
