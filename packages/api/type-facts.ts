import type { FieldFact, TypeFact, ValueFact } from '@coxswain/machinery';
import { types as table } from './generated/types-table.mjs';

/** One field in the generated table: name, value code, protobuf number, flags, extras. */
type FieldRow = readonly [name: string, code: string, number: number, flags: string, extras?: FieldExtras];

interface FieldExtras {
  readonly d?: unknown;
  readonly e?: readonly string[];
  readonly l?: 'set' | 'map';
  readonly k?: readonly string[];
  readonly s?: string;
  readonly m?: string;
  readonly w?: readonly number[];
  readonly n?: readonly string[];
  readonly g?: string;
}

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const none: readonly never[] = Object.freeze([]);

const scalarKinds = {
  s: { kind: 'string' },
  b: { kind: 'bool' },
  i: { kind: 'int32' },
  l: { kind: 'int64' },
  f: { kind: 'float64' },
  y: { kind: 'bytes' },
  t: { kind: 'time' },
  m: { kind: 'microtime' },
  d: { kind: 'duration' },
  q: { kind: 'quantity' },
  o: { kind: 'intOrString' },
  '*': { kind: 'any' },
  '*a': { kind: 'any', schemaOr: 'array' },
  '*b': { kind: 'any', schemaOr: 'bool' },
  '*s': { kind: 'any', schemaOr: 'strings' },
} as const satisfies Record<string, ValueFact>;

const goNames: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  bytes: '[]uint8',
  time: 'v1.Time',
  microtime: 'v1.MicroTime',
  duration: 'v1.Duration',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  any: 'runtime.RawExtension',
};

interface Loaded {
  readonly message: string;
  readonly atomic: boolean;
  readonly ordered: readonly FieldFact[];
  readonly fields: ReadonlyMap<string, FieldFact>;
  readonly byNumber: ReadonlyMap<number, FieldFact>;
}

/** A type whose row is parsed when first looked at: a start touches few of the hundreds. */
class LazyType implements TypeFact {
  readonly name: string;
  readonly goName: string;
  readonly #package: string;
  #loaded: Loaded | undefined;

  constructor(name: string) {
    const dot = name.lastIndexOf('.');
    this.name = name;
    this.goName = name.slice(dot + 1);
    this.#package = name.slice(0, dot);
  }

  get message(): string {
    return this.#load().message;
  }

  get atomic(): boolean {
    return this.#load().atomic;
  }

  get ordered(): readonly FieldFact[] {
    return this.#load().ordered;
  }

  get fields(): ReadonlyMap<string, FieldFact> {
    return this.#load().fields;
  }

  get byNumber(): ReadonlyMap<number, FieldFact> {
    return this.#load().byNumber;
  }

  #load(): Loaded {
    if (this.#loaded !== undefined) return this.#loaded;
    const row = JSON.parse(table[this.name] as string) as [string, string, ...FieldRow[]];
    const [message, flags, ...rows] = row;
    const ordered = rows.map((r) => fieldOf(this.#package, r));
    this.#loaded = {
      message,
      atomic: flags === 'a',
      ordered,
      fields: new Map(ordered.map((f) => [f.name, f])),
      byNumber: new Map(
        ordered.filter((f) => f.number > 0 && f.within.length === 0).map((f) => [f.number, f]),
      ),
    };
    return this.#loaded;
  }
}

/** An object value whose type is looked up when asked for: types refer to each other in circles. */
class ObjectValue {
  readonly kind = 'object';
  readonly #name: string;
  #type: TypeFact | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  get type(): TypeFact {
    this.#type ??= mustFindType(this.#name);
    return this.#type;
  }
}

function fieldOf(pkg: string, [name, code, number, flags, extras]: FieldRow): FieldFact {
  const value = valueFact(pkg, code);
  return {
    name,
    value,
    number,
    required: flags.includes('r'),
    ...(extras?.d === undefined ? {} : { default: extras.d }),
    ...(extras?.e === undefined ? {} : { enum: extras.e }),
    listType: extras?.l ?? 'atomic',
    mapKeys: extras?.k ?? none,
    atomic: flags.includes('a'),
    patchStrategy: (extras?.s?.split(',') ?? none) as FieldFact['patchStrategy'],
    patchMergeKey: extras?.m ?? '',
    pointer: flags.includes('p'),
    keepEmpty: flags.includes('k'),
    omitZero: flags.includes('z'),
    goType: extras?.g ?? goTypeOf(pkg, code, value),
    within: extras?.w ?? none,
    embeddedIn: extras?.n ?? none,
  };
}

function refName(pkg: string, code: string): string {
  if (code.startsWith('@.')) return `${pkg}${code.slice(1)}`;
  return code.startsWith('@m.') ? `${metaPackage}${code.slice(2)}` : code.slice(1);
}

function valueFact(pkg: string, code: string): ValueFact {
  switch (code[0]) {
    case '@':
      return new ObjectValue(refName(pkg, code));
    case 'A':
      return { kind: 'array', items: valueFact(pkg, code.slice(1)) };
    case 'M':
      return { kind: 'map', values: valueFact(pkg, code.slice(1)) };
    default:
      return scalarKinds[code as keyof typeof scalarKinds];
  }
}

function goTypeOf(pkg: string, code: string, value: ValueFact): string {
  if (value.kind === 'object') {
    const [version, name] = refName(pkg, code).split('.').slice(-2);
    return `${version}.${name}`;
  }
  if (value.kind === 'array') return `[]${goTypeOf(pkg, code.slice(1), value.items)}`;
  if (value.kind === 'map') return `map[string]${goTypeOf(pkg, code.slice(1), value.values)}`;
  return goNames[value.kind] as string;
}

const found = new Map<string, TypeFact>();

/** The facts of a definition such as `io.k8s.api.core.v1.Pod`; undefined when there is none of that name. */
export function findType(definition: string): TypeFact | undefined {
  const before = found.get(definition);
  if (before !== undefined) return before;
  if (!Object.hasOwn(table, definition)) return undefined;
  const type = new LazyType(definition);
  found.set(definition, type);
  return type;
}

/** As `findType`, for names that the table itself refers to. */
export function mustFindType(definition: string): TypeFact {
  const type = findType(definition);
  if (type === undefined) throw new Error(`find API type "${definition}": the table has no such definition`);
  return type;
}
