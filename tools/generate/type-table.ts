import type { ShapeField } from './go-shape.ts';
import { messageNameOf, type ReleasedFacts, refOf, type Schema } from './released-facts.ts';

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const schemaPackage = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Definitions that are one value in JSON, by their value code. */
const scalars: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'o',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': '*',
  [`${metaPackage}.Time`]: 't',
  [`${metaPackage}.MicroTime`]: 'm',
  [`${metaPackage}.FieldsV1`]: '*',
  [`${metaPackage}.Patch`]: '*',
  [`${schemaPackage}.JSON`]: '*',
  [`${schemaPackage}.JSONSchemaPropsOrArray`]: '*a',
  [`${schemaPackage}.JSONSchemaPropsOrBool`]: '*b',
  [`${schemaPackage}.JSONSchemaPropsOrStringArray`]: '*s',
};

/** A definition's package and type name. */
export function splitDefinition(definition: string): [pkg: string, name: string] {
  const dot = definition.lastIndexOf('.');
  return [definition.slice(0, dot), definition.slice(dot + 1)];
}

export function isScalarDefinition(definition: string): boolean {
  return Object.hasOwn(scalars, definition);
}

/**
 * The value code of a schema: s b i l f y (bytes) t (time) m (microtime) d (duration) q (quantity)
 * o (int or string) * (any), `@Type` an object, `M` a map of and `A` an array of what follows.
 */
function valueCode(pkg: string, schema: Schema, goType: string): string {
  const ref = refOf(schema);
  if (ref !== undefined) {
    const [refPackage, name] = splitDefinition(ref);
    if (isScalarDefinition(ref)) return scalars[ref] as string;
    return refPackage === pkg ? `@.${name}` : refPackage === metaPackage ? `@m.${name}` : `@${ref}`;
  }
  switch (schema.type) {
    case 'string':
      return goType === 'v1.Duration' ? 'd' : schema.format === 'byte' ? 'y' : 's';
    case 'boolean':
      return 'b';
    case 'integer':
      return schema.format === 'int32' ? 'i' : 'l';
    case 'number':
      return 'f';
    case 'array':
      return `A${valueCode(pkg, schema.items ?? {}, '')}`;
    case 'object':
      return schema.additionalProperties === undefined
        ? '*'
        : `M${valueCode(pkg, schema.additionalProperties, '')}`;
    default:
      return '*';
  }
}

/** One type as the compact JSON that `packages/api/facts.ts` reads. */
export function typeLine(
  definition: string,
  schema: Schema,
  shape: readonly ShapeField[] | undefined,
  facts: ReleasedFacts,
): string {
  const [pkg] = splitDefinition(definition);
  const properties = schema.properties ?? {};
  const message = facts.messageOf(definition);
  const shapes = new Map((shape ?? []).map((f) => [f.name, f]));
  const order = [...(shape ?? []).map((f) => f.name).filter((n) => Object.hasOwn(properties, n))];
  for (const name of Object.keys(properties)) if (!shapes.has(name)) order.push(name);
  const rows = order.map((name) => {
    const property = properties[name] as Schema;
    const described = message?.fields[name]?.id;
    const f = shapes.get(name) ?? guessShape(name, schema, described ?? 0);
    if (described !== undefined && f.within.length === 0 && f.number !== described) {
      throw new Error(`${definition}.${name}: number ${f.number} in Go, ${described} in the descriptors`);
    }
    const code = valueCode(pkg, property, f.goType);
    const row: unknown[] = [
      name,
      code,
      f.number,
      flagsOf(f, property, schema, name, facts),
      extrasOf(f, property, code, pkg),
    ];
    if (row[4] === undefined) row.pop();
    return row;
  });
  const hasMessage = message !== undefined || order.some((n) => (shapes.get(n)?.number ?? 0) > 0);
  const head = [hasMessage ? messageNameOf(definition) : '', isAtomic(schema) ? 'a' : ''];
  return JSON.stringify([...head, ...rows]);
}

function guessShape(name: string, owner: Schema, number: number): ShapeField {
  const kept = owner.required?.includes(name) === true;
  return {
    name,
    goType: '',
    pointer: false,
    omitEmpty: !kept,
    omitZero: false,
    within: [],
    embedded: [],
    number,
  };
}

function isAtomic(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-map-type'] === 'atomic';
}

/** r required, p pointer, k kept when empty, z omitted when zero, a atomic. */
function flagsOf(f: ShapeField, property: Schema, owner: Schema, name: string, facts: ReleasedFacts): string {
  let flags = '';
  if (owner.required?.includes(name)) flags += 'r';
  if (f.pointer) flags += 'p';
  if (!f.omitEmpty && !f.omitZero) flags += 'k';
  if (f.omitZero) flags += 'z';
  const target = facts.schemas.get(refOf(property) ?? '');
  const mapType = property['x-kubernetes-map-type'];
  if (mapType === 'atomic' || (mapType === undefined && isAtomic(target))) flags += 'a';
  return flags;
}

function extrasOf(
  f: ShapeField,
  property: Schema,
  code: string,
  pkg: string,
): Record<string, unknown> | undefined {
  const extras: Record<string, unknown> = {};
  if (property.default !== undefined) extras['d'] = property.default;
  if (f.enum !== undefined) extras['e'] = f.enum;
  const listType = property['x-kubernetes-list-type'];
  if (listType !== undefined && listType !== 'atomic') extras['l'] = listType;
  if (property['x-kubernetes-list-map-keys']) extras['k'] = property['x-kubernetes-list-map-keys'];
  if (property['x-kubernetes-patch-strategy']) extras['s'] = property['x-kubernetes-patch-strategy'];
  if (property['x-kubernetes-patch-merge-key']) extras['m'] = property['x-kubernetes-patch-merge-key'];
  if (f.within.length > 0) {
    extras['w'] = f.within;
    extras['n'] = f.embedded;
  }
  if (f.goType !== '' && f.goType !== plainGoType(pkg, code)) extras['g'] = f.goType;
  return Object.keys(extras).length === 0 ? undefined : extras;
}

/** The Go type that a code stands for when nothing is said; '' when it must be said. */
function plainGoType(pkg: string, code: string): string {
  const plain: Record<string, string> = {
    s: 'string',
    b: 'bool',
    i: 'int32',
    l: 'int64',
    f: 'float64',
    y: '[]uint8',
    t: 'v1.Time',
    m: 'v1.MicroTime',
    d: 'v1.Duration',
    q: 'resource.Quantity',
    o: 'intstr.IntOrString',
  };
  if (code.startsWith('@')) {
    const [refPackage, name] = splitDefinition(code.slice(1));
    const owner = refPackage === '' ? pkg : refPackage === 'm' ? metaPackage : refPackage;
    return `${splitDefinition(owner)[1]}.${name}`;
  }
  if (code.startsWith('A')) return `[]${plainGoType(pkg, code.slice(1))}`;
  if (code.startsWith('M')) return `map[string]${plainGoType(pkg, code.slice(1))}`;
  return plain[code] ?? '';
}
