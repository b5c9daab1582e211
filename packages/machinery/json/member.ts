type Json = Readonly<Record<string, unknown>>;

/** An object's own member; names such as `constructor` or `__proto__` are data like any other. */
export function ownMember(object: Json | undefined, name: string): unknown {
  if (object === undefined) return undefined;
  const value = object[name];
  // All that JSON objects inherit are functions, and the prototype.
  if (typeof value !== 'function' && name !== '__proto__') return value;
  return Object.hasOwn(object, name) ? value : undefined;
}

/** Sets an own member, whatever its name. */
export function setMember(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
