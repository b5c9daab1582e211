import { goQuote } from '../field-error.ts';
import { ownMember, setMember } from '../json/member.ts';

/** A member or element that cannot be had or changed; the message is that of the evanphx library. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError';
  readonly code = 'ERR_PATCH_PLACE';
}

/** A member of an object or an element of a list that a path names. */
export interface Place {
  /** The last part of the path, unescaped. */
  readonly key: string;
  /** Undefined where an object has no such member. */
  get(): unknown;
  /** Puts a value in place of what is there, or where nothing is in an object. */
  set(value: unknown): void;
  /** Puts a value in, before the element of that index. */
  add(value: unknown): void;
  remove(): void;
}

/** The place that a JSON pointer names; undefined where what should hold it is neither an object nor a list. */
export function locate(document: unknown, path: string): Place | undefined {
  const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parts.length < 2) return undefined;
  const key = parts.pop() as string;
  let parent: unknown = document;
  for (const part of parts.slice(1)) {
    parent = child(parent, part);
    if (typeof parent !== 'object' || parent === null) return undefined;
  }
  return Array.isArray(parent) ? new ElementPlace(parent, key) : new MemberPlace(parent as object, key);
}

function child(parent: unknown, part: string): unknown {
  if (!Array.isArray(parent)) return ownMember(parent as Record<string, unknown>, part);
  const index = atoi(part);
  return typeof index === 'string' ? undefined : parent[index < 0 ? index + parent.length : index];
}

class MemberPlace implements Place {
  readonly key: string;
  readonly #object: Record<string, unknown>;

  constructor(object: object, key: string) {
    this.#object = object as Record<string, unknown>;
    this.key = key;
  }

  get(): unknown {
    return ownMember(this.#object, this.key);
  }

  set(value: unknown): void {
    setMember(this.#object, this.key, value);
  }

  add(value: unknown): void {
    this.set(value);
  }

  remove(): void {
    if (!Object.hasOwn(this.#object, this.key))
      throw new PlaceError(`Unable to remove nonexistent key: ${this.key}: missing value`);
    delete this.#object[this.key];
  }
}

class ElementPlace implements Place {
  readonly key: string;
  readonly #list: unknown[];

  constructor(list: unknown[], key: string) {
    this.#list = list;
    this.key = key;
  }

  get(): unknown {
    return this.#list[this.#index(this.#list.length)];
  }

  set(value: unknown): void {
    this.#list[this.#index(this.#list.length)] = value;
  }

  add(value: unknown): void {
    if (this.key === '-') {
      this.#list.push(value);
      return;
    }
    // One place more than there are elements: after the last one.
    const at = this.#index(this.#list.length + 1, `value was not a proper array index: '${this.key}': `);
    this.#list.splice(at, 0, value);
  }

  remove(): void {
    this.#list.splice(this.#index(this.#list.length), 1);
  }

  #index(length: number, prefix = ''): number {
    const index = atoi(this.key);
    if (typeof index === 'string') throw new PlaceError(prefix + index);
    const counted = index < 0 ? index + length : index;
    if (counted >= 0 && counted < length) return counted;
    throw new PlaceError(`Unable to access invalid index: ${index}: invalid index referenced`);
  }
}

/** Go's strconv.Atoi: the number, or what is wrong with the text. */
function atoi(text: string): number | string {
  const wrong = (what: string): string => `strconv.Atoi: parsing ${goQuote(text)}: ${what}`;
  if (!/^[+-]?\d+$/.test(text)) return wrong('invalid syntax');
  const value = Number(text);
  // No list is that long; Go tells more exactly where a number ends to fit.
  return Math.abs(value) < 2 ** 63 ? value + 0 : wrong('value out of range');
}
