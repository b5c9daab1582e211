import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the published schemas do not say of a field: whether Go holds it by pointer, when it is left out, its
 * Go type and its place in the struct. Read from the struct tags of a release's Go packages.
 */
export interface ShapeField {
  readonly name: string;
  /** Go type as `reflect` prints it, without a leading `*`. */
  readonly goType: string;
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  /** Protobuf numbers of the embedded messages around the field, outermost first. */
  readonly within: readonly number[];
  /** Go names of the same embedded structs. */
  readonly embedded: readonly string[];
  /** Protobuf number; 0 when the field has none. */
  readonly number: number;
  /** Values of a type that is marked as an enumeration, sorted; of the elements for a list. */
  readonly enum?: readonly string[];
}

interface GoField {
  readonly name: string;
  readonly type: string;
  readonly json: readonly string[];
  readonly number: number;
}

interface GoPackage {
  readonly path: string;
  readonly imports: ReadonlyMap<string, string>;
  readonly structs: ReadonlyMap<string, readonly GoField[]>;
  /** Types that are another package's struct under an own name. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

const packageRoots: readonly (readonly [folder: string, definitionPrefix: string])[] = [
  ['k8s.io/api', 'io.k8s.api'],
  ['k8s.io/apimachinery/pkg/apis/meta', 'io.k8s.apimachinery.pkg.apis.meta'],
  ['k8s.io/apimachinery/pkg', 'io.k8s.apimachinery.pkg'],
  ['k8s.io/apiextensions-apiserver/pkg/apis', 'io.k8s.apiextensions-apiserver.pkg.apis'],
  ['k8s.io/kube-aggregator/pkg/apis', 'io.k8s.kube-aggregator.pkg.apis'],
];

/** Reads the shapes of the named definitions from `sources`, a folder that holds `k8s.io/...`. */
export function readGoShapes(sources: string, definitions: readonly string[]): Map<string, ShapeField[]> {
  const packages = new Map<string, GoPackage | undefined>();
  const load = (path: string): GoPackage | undefined => {
    if (!packages.has(path)) packages.set(path, readPackage(sources, path));
    return packages.get(path);
  };
  const shapes = new Map<string, ShapeField[]>();
  for (const definition of definitions) {
    const dot = definition.lastIndexOf('.');
    const pkg = load(folderOf(definition.slice(0, dot)));
    const goName = definition.slice(dot + 1);
    if (pkg === undefined) continue;
    const [owner, name] = resolve(pkg, goName, load);
    if (owner?.structs.has(name)) shapes.set(definition, flatten(owner, name, load));
  }
  return shapes;
}

function folderOf(definitionPackage: string): string {
  for (const [folder, prefix] of packageRoots) {
    if (!definitionPackage.startsWith(`${prefix}.`)) continue;
    return join(folder, ...definitionPackage.slice(prefix.length + 1).split('.'));
  }
  throw new Error(`find the Go package of definition package "${definitionPackage}"`);
}

function readPackage(sources: string, path: string): GoPackage | undefined {
  let names: string[];
  try {
    names = readdirSync(join(sources, path));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  const imports = new Map<string, string>();
  const structs = new Map<string, readonly GoField[]>();
  const aliases = new Map<string, string>();
  const enums = new Map<string, string[]>();
  const constants: (readonly [type: string, value: string])[] = [];
  for (const name of names) {
    if (!name.endsWith('.go') || name.endsWith('_test.go') || /generated/.test(name)) continue;
    const text = readFileSync(join(sources, path, name), 'utf8');
    for (const m of text.matchAll(/^\s*(?:import )?(\w+)?\s*"([\w./-]+)"$/gm)) {
      const target = m[2] as string;
      imports.set(m[1] ?? target.slice(target.lastIndexOf('/') + 1), target);
    }
    for (const m of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
      structs.set(m[1] as string, readFields(m[2] as string));
    }
    for (const m of text.matchAll(/((?:^\/\/.*\n)+)type (\w+) string$/gm)) {
      if (/^\/\/ \+enum$/m.test(m[1] as string)) enums.set(m[2] as string, []);
    }
    for (const m of text.matchAll(/^(?:const |\t)\w+\s+(\w+)\s*= "([^"]*)"/gm)) {
      constants.push([m[1] as string, m[2] as string]);
    }
    for (const m of text.matchAll(/^type (\w+) struct ?\{\}/gm)) structs.set(m[1] as string, []);
    for (const m of text.matchAll(/^type (\w+) =? ?(\w+\.\w+)$/gm))
      aliases.set(m[1] as string, m[2] as string);
  }
  for (const [type, value] of constants) enums.get(type)?.push(value);
  for (const values of enums.values()) values.sort();
  return { path, imports, structs, aliases, enums };
}

function readFields(body: string): GoField[] {
  const fields: GoField[] = [];
  for (const line of body.split('\n')) {
    const m = /^\s*(?:(\w+)\s+)?([^\s`]+)\s*`([^`]*)`/.exec(line);
    if (!m) continue;
    const tag = m[3] as string;
    const json = /json:"([^"]*)"/.exec(tag)?.[1];
    if (json === undefined) continue;
    const number = Number(/protobuf:"[a-z0-9]+,(\d+)/.exec(tag)?.[1] ?? 0);
    fields.push({ name: m[1] ?? '', type: m[2] as string, json: json.split(','), number });
  }
  return fields;
}

function flatten(
  pkg: GoPackage,
  goName: string,
  load: (path: string) => GoPackage | undefined,
  outer: Pick<ShapeField, 'within' | 'embedded'> = { within: [], embedded: [] },
): ShapeField[] {
  const out: ShapeField[] = [];
  for (const field of pkg.structs.get(goName) ?? []) {
    const [jsonName = '', ...options] = field.json;
    if (jsonName === '-') continue;
    if (jsonName === '' && (options.includes('inline') || field.name === '')) {
      const [owner, name] = resolve(pkg, field.type.replace(/^\*/, ''), load);
      if (!owner?.structs.has(name)) continue;
      const inner = flatten(owner, name, load, {
        within: field.number === 0 ? outer.within : [...outer.within, field.number],
        embedded: field.number === 0 ? outer.embedded : [...outer.embedded, name],
      });
      // Embedded without a number, as TypeMeta is: not part of the message.
      out.push(...inner.map((f) => (field.number === 0 ? { ...f, number: 0 } : f)));
      continue;
    }
    const pointer = field.type.startsWith('*');
    const [enumOwner, enumName] = resolve(pkg, field.type.replace(/^(?:\*|\[\])*/, ''), load);
    const values = enumOwner?.enums.get(enumName);
    out.push({
      name: jsonName === '' ? field.name : jsonName,
      goType: printType(pkg, pointer ? field.type.slice(1) : field.type),
      pointer,
      omitEmpty: options.includes('omitempty'),
      omitZero: options.includes('omitzero'),
      ...outer,
      number: field.number,
      ...(values === undefined || values.length === 0 ? {} : { enum: values }),
    });
  }
  return out;
}

function resolve(
  pkg: GoPackage,
  type: string,
  load: (path: string) => GoPackage | undefined,
): [GoPackage | undefined, string] {
  const target = pkg.structs.has(type) ? type : (pkg.aliases.get(type) ?? type);
  const dot = target.indexOf('.');
  if (dot < 0) return [pkg, target];
  return [load(pkg.imports.get(target.slice(0, dot)) ?? ''), target.slice(dot + 1)];
}

const builtin = new Set([
  'string',
  'bool',
  'int',
  'int32',
  'int64',
  'uint32',
  'float64',
  'byte',
  'map',
  'any',
]);

/** Prints a type as `reflect` does: package name by package, whatever the file calls its import. */
function printType(pkg: GoPackage, type: string): string {
  return type
    .replace(/interface\{\}/g, 'any')
    .replace(/(?:(\w+)\.)?(\b[A-Za-z_]\w*)\b/g, (text, alias, name) => {
      if (alias === undefined && builtin.has(name)) return name === 'byte' ? 'uint8' : text;
      const path = alias === undefined ? pkg.path : (pkg.imports.get(alias) ?? alias);
      return `${path.slice(path.lastIndexOf('/') + 1)}.${name}`;
    });
}

/**
 * One line a definition, then its fields in struct order as `name:flags numbers:type`: flags p (pointer),
 * e (omitempty), z (omitzero); numbers are those of the embedding messages, with their names, and the field's own. `=A|B` lists an enumeration.
 */
export function formatShapes(shapes: ReadonlyMap<string, readonly ShapeField[]>): string {
  const lines: string[] = [];
  for (const name of [...shapes.keys()].sort()) {
    const fields = (shapes.get(name) as ShapeField[]).map((f) => {
      const flags = `${f.pointer ? 'p' : ''}${f.omitEmpty ? 'e' : ''}${f.omitZero ? 'z' : ''}`;
      const around = f.within.map((n, i) => `${n}${f.embedded[i]}.`).join('');
      return `${f.name}:${flags}${around}${f.number}:${f.goType}${formatEnum(f)}`;
    });
    lines.push([name, ...fields].join(' '));
  }
  return `${lines.join('\n')}\n`;
}

function formatEnum(field: ShapeField): string {
  return field.enum === undefined ? '' : `=${field.enum.map(encodeURIComponent).join('|')}`;
}

/** Reads what `formatShapes` wrote. */
export function parseShapes(text: string): Map<string, ShapeField[]> {
  const shapes = new Map<string, ShapeField[]>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [name = '', ...fields] = line.split(' ');
    shapes.set(
      name,
      fields.map((field) => {
        const [, jsonName = '', flags = '', within = '', goType = '', values] =
          /^([^:]*):([pez]*)([\w.]*):([^=]*)(?:=(.*))?$/.exec(field) ?? [];
        const around = within.split('.');
        const number = Number(around.pop());
        return {
          name: jsonName,
          goType,
          pointer: flags.includes('p'),
          omitEmpty: flags.includes('e'),
          omitZero: flags.includes('z'),
          number,
          within: around.map((part) => Number.parseInt(part, 10)),
          embedded: around.map((part) => part.replace(/^\d+/, '')),
          ...(values === undefined ? {} : { enum: values.split('|').map(decodeURIComponent) }),
        };
      }),
    );
  }
  return shapes;
}
