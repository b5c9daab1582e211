import { type CelType, dyn, unknown } from './types.ts';

/** What type parameters stand for. */
export type Bindings = Map<string, CelType>;

/** Replaces type parameters by what they stand for; those that stand for nothing yet are dynamic. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'param': {
      const bound = bindings.get(type.name);
      return bound === undefined ? dyn : substitute(bound, bindings);
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
  return type.kind === 'map' && (type.value === unknown || isOpen(type.value));
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
      if (bound === unknown || isOpen(bound)) bindings.set(wanted.name, given);
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

function isDynamic({ kind }: CelType): boolean {
  return kind === 'dyn' || kind === 'error';
}
