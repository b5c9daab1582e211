import { type CelType, dyn, unknown } from './types.ts';

/** What type parameters stand for. */
export type Bindings = Map<string, CelType>;

/** Replaces type parameters by what they stand for; those that stand for nothing yet take what they meet. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'param': {
      const bound = bindings.get(type.name);
      return bound === undefined ? unknown : substitute(bound, bindings);
    }
    case 'list':
      return { ...type, items: substitute(type.items, bindings) };
    case 'map':
      return { ...type, key: substitute(type.key, bindings), value: substitute(type.value, bindings) };
    case 'wrapper':
    case 'type':
      return { ...type, of: substitute(type.of, bindings) };
    case 'opaque':
      return { ...type, params: type.params.map((param) => substitute(param, bindings)) };
    default:
      return type;
  }
}

/** Whether a type is that of an empty literal, or of one that has such in it. */
export function isOpen(type: CelType): boolean {
  if (type.kind === 'list') return type.items === unknown || isOpen(type.items);
  if (type.kind === 'opaque') return type.params.some((param) => param === unknown || isOpen(param));
  return type.kind === 'map' && (type.value === unknown || isOpen(type.value));
}

/** Whether a type is dynamic, wholly or in a part, where the other one is not. */
export function isMoreGeneral(type: CelType, than: CelType): boolean {
  if (type === unknown) return false;
  if (type.kind === 'dyn' || type.kind === 'any') return than.kind !== 'dyn' && than.kind !== 'any';
  if (type.kind === 'list') return than.kind === 'list' && isMoreGeneral(type.items, than.items);
  if (type.kind !== 'map' || than.kind !== 'map') return false;
  return isMoreGeneral(type.key, than.key) || isMoreGeneral(type.value, than.value);
}

/** Whether a type is dynamic, and not only open. */
function isWild(type: CelType): boolean {
  return type !== unknown && (type.kind === 'dyn' || type.kind === 'any');
}

/** Whether two types are one; what may be null counts as what it is else, and an open type as any. */
export function isEquivalent(a: CelType, b: CelType): boolean {
  if (a === unknown || b === unknown) return true;
  if (a.kind === 'wrapper') return isEquivalent(a.of, b);
  if (b.kind === 'wrapper') return isEquivalent(a, b.of);
  switch (a.kind) {
    case 'list':
      return b.kind === 'list' && isEquivalent(a.items, b.items);
    case 'map':
      return b.kind === 'map' && isEquivalent(a.key, b.key) && isEquivalent(a.value, b.value);
    case 'object':
      return b.kind === 'object' && a.name === b.name;
    case 'type':
      return b.kind === 'type' && isEquivalent(a.of, b.of);
    case 'opaque':
      return (
        b.kind === 'opaque' &&
        a.name === b.name &&
        a.params.every((param, i) => isEquivalent(param, b.params[i] ?? unknown))
      );
    default:
      return a.kind === b.kind;
  }
}

const nullable: ReadonlySet<CelType['kind']> = new Set([
  'object',
  'opaque',
  'timestamp',
  'duration',
  'wrapper',
  'null',
]);

/** Whether a value of one type can be given where another is asked for; binds the parameters of `wanted`. */
export function isAssignable(wanted: CelType, given: CelType, bindings: Bindings): boolean {
  if (wanted.kind === 'param') {
    const bound = bindings.get(wanted.name);
    if (bound === undefined) {
      bindings.set(wanted.name, given);
      return true;
    }
    if (isAssignable(bound, given, bindings)) {
      // An empty literal becomes what is found beside it.
      if (bound === unknown || isOpen(bound) || isWild(given) || isMoreGeneral(given, bound))
        bindings.set(wanted.name, given);
      return true;
    }
    // What came first may be the narrower one.
    if (!isAssignable(given, bound, bindings)) return false;
    bindings.set(wanted.name, given);
    return true;
  }
  if (isDynamic(wanted) || isDynamic(given)) return true;
  if (given.kind === 'null') return nullable.has(wanted.kind);
  if (wanted.kind === 'null') return nullable.has(given.kind);
  if (wanted.kind === 'wrapper') {
    return isAssignable(wanted.of, given.kind === 'wrapper' ? given.of : given, bindings);
  }
  if (given.kind === 'wrapper') return isAssignable(wanted, given.of, bindings);
  if (wanted.kind !== given.kind) return false;
  switch (wanted.kind) {
    case 'list':
      return given.kind === 'list' && isAssignable(wanted.items, given.items, bindings);
    case 'map':
      return (
        given.kind === 'map' &&
        isAssignable(wanted.key, given.key, bindings) &&
        isAssignable(wanted.value, given.value, bindings)
      );
    case 'object':
      return given.kind === 'object' && given.name === wanted.name;
    case 'opaque':
      return (
        given.kind === 'opaque' &&
        given.name === wanted.name &&
        wanted.params.every((param, i) => isAssignable(param, given.params[i] ?? dyn, bindings))
      );
    default:
      return true;
  }
}

/** Whether anything fits. */
export function isDynamic({ kind }: CelType): boolean {
  return kind === 'dyn' || kind === 'any' || kind === 'error';
}
