import type { CelMap, CelValue } from '@coxswain/cel';
import type { UserInfo } from '../../contract.ts';

/** An object by names in which what no identifier may have is escaped. */
class EscapedMap implements CelMap {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #lenient: boolean;

  /** @param lenient whether a name with a broken escape stands for itself, as it does in objects within others */
  constructor(members: Readonly<Record<string, unknown>>, lenient: boolean) {
    this.#members = members;
    this.#lenient = lenient;
  }

  get size(): number {
    return Object.keys(this.#members).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const name = unescaped(key) ?? (this.#lenient ? key : undefined);
    if (name === undefined || !Object.hasOwn(this.#members, name)) return undefined;
    return celValue(this.#members[name]);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#members);
  }
}

/** What a variable stands for: its fields are made when they are read, and nothing else is known of it. */
class FieldsValue extends EscapedMap {
  readonly objectType: string;
  readonly fieldsOnly = true;

  constructor(objectType: string, members: Readonly<Record<string, unknown>>) {
    super(members, false);
    this.objectType = objectType;
  }

  override keys(): readonly CelValue[] {
    return super.keys().map((name) => this.get(name) ?? null);
  }
}

/** JSON as Go reads it into nothing in particular: all numbers are doubles. */
function celValue(json: unknown): CelValue {
  if (Array.isArray(json)) return json.map(celValue);
  if (typeof json === 'object' && json !== null) {
    return new EscapedMap(json as Readonly<Record<string, unknown>>, true);
  }
  return json as CelValue;
}

const escapes: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };
/** Words that no identifier may be. */
const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** The name that an identifier stands for; undefined where an escape in it means nothing. */
function unescaped(identifier: string): string | undefined {
  if (!identifier.includes('__')) return identifier;
  let broken = false;
  const name = identifier.replace(/__([^_]+)__/g, (whole, word: string) => {
    const meant = Object.hasOwn(escapes, word) ? escapes[word] : undefined;
    if (meant !== undefined) return meant;
    // A reserved word is escaped as a whole.
    if (!reserved.has(word) || whole.length !== identifier.length) broken = true;
    return word;
  });
  return broken ? undefined : name;
}

/** The value that expressions see as `claims`. */
export function claimsValue(claims: Readonly<Record<string, unknown>>): Record<string, CelValue> {
  return { claims: new FieldsValue('kubernetes.claims', claims) };
}

/** The value that expressions see as `user`. */
export function userValue(user: UserInfo): Record<string, CelValue> {
  const { name, uid = '', groups, extra = {} } = user;
  return { user: new FieldsValue('kubernetes.UserInfo', { username: name, uid, groups, extra }) };
}
