import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { types } from '../../packages/api/generated/types-table.mjs';
import { readReleasedFacts } from './released-facts.ts';

/**
 * Gathers the descriptions that OpenAPI and `explain` show into `dist/prose.json`, a build product that is never
 * committed: from the doc comments of the official JavaScript client, and, where a folder of published facts
 * lies beside the checkout or is given, from there, which is complete but for what the values of an enum mean:
 * that comes from the doc comments of kubernetes-models.
 */
interface Prose {
  readonly types: Record<string, Record<string, string>>;
  readonly parameters: Record<string, string>;
  readonly operations: Record<string, string>;
}

const root = join(import.meta.dirname, '..', '..');
const { values } = parseArgs({ options: { facts: { type: 'string' }, out: { type: 'string' } } });
const out = values.out ?? join(root, 'dist', 'prose.json');
const folder = values.facts ?? join(root, '..', 'shared', 'kubernetes-1.36');

const prose: Prose = { types: {}, parameters: {}, operations: {} };
readClient(prose);
if (existsSync(folder)) readFacts(prose, folder);
readEnums(prose);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, JSON.stringify(prose));
process.stdout.write(`prose: ${Object.keys(prose.types).length} types described\n`);

function readClient(into: Prose): void {
  const entry = createRequire(import.meta.url).resolve('@kubernetes/client-node');
  const models = join(dirname(entry), 'gen', 'models');
  const files = new Set(readdirSync(models));
  for (const definition of Object.keys(types)) {
    const file = clientNames(definition).find((name) => files.has(`${name}.d.ts`));
    if (file === undefined) continue;
    into.types[definition] = readModel(readFileSync(join(models, `${file}.d.ts`), 'utf8'));
  }
  const apis = join(dirname(entry), 'gen', 'apis');
  for (const name of readdirSync(apis)) {
    if (!name.endsWith('Api.d.ts')) continue;
    for (const m of readFileSync(join(apis, name), 'utf8').matchAll(/\* @param (\w+) (.+)$/gm)) {
      const key = `${m[1] === 'namespace' ? 'path' : 'query'} ${m[1]}`;
      into.parameters[key] ??= clean(m[2] as string);
    }
  }
}

/** Adds what each value of an enum means to the descriptions of the fields that have one. */
function readEnums(into: Prose): void {
  const folder = dirname(fileURLToPath(import.meta.resolve('kubernetes-models')));
  const byName = new Map(Object.keys(types).map((definition) => [aliasOf(definition), definition]));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts') || name.endsWith('index.d.ts')) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    const definition = byName.get(/ as I(Io\w+),/.exec(text)?.[1] ?? '');
    if (definition === undefined) continue;
    for (const m of text.matchAll(/\/\*\*\n((?: +\*(?!\/).*\n)+) +\*\/\n +"([^"]+)"\?:/g)) {
      const lines = (m[1] as string).split('\n').map((line) => line.replace(/^ +\* ?/, ''));
      const start = lines.indexOf('Possible enum values:');
      if (start < 0) continue;
      const texts = into.types[definition] ?? {};
      into.types[definition] = texts;
      const field = m[2] as string;
      if (texts[field]?.includes('Possible enum values:')) continue;
      const own = texts[field] ?? lines.slice(0, start).join('\n').trim();
      const values = lines.slice(start).join('\n').trimEnd();
      texts[field] = own === '' ? values : `${own}\n\n${values}`;
    }
  }
}

/** `io.k8s.api.core.v1.Pod` as that package spells it: `IoK8sApiCoreV1Pod`. */
function aliasOf(definition: string): string {
  return definition
    .split(/[.-]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

/** `V1Pod`, or `CoreV1Event` where several groups have a type of that name. */
function clientNames(definition: string): string[] {
  const [group = '', version = '', name = ''] = definition.split('.').slice(-3);
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  return [`${capital(version)}${name}`, `${capital(group)}${capital(version)}${name}`];
}

function readModel(text: string): Record<string, string> {
  const texts: Record<string, string> = {};
  const comment =
    /\/\*\*\s*\n\s*\*\s((?:(?!\*\/)[\s\S])*?)\n?\s*\*\/\s*(?:export declare class \w+|'([^']+)'\??:)/g;
  for (const m of text.matchAll(comment)) texts[(m[2] ?? '').replace(/^_/, '')] = clean(m[1] as string);
  return texts;
}

function clean(text: string): string {
  return text
    .replace(/\\(['"\\])/g, '$1')
    .replaceAll('*_/', '*/')
    .trim();
}

function readFacts(into: Prose, facts: string): void {
  const { schemas, documents } = readReleasedFacts(facts);
  for (const [definition, schema] of schemas) {
    const texts: Record<string, string> = {};
    const own = (schema as { description?: string }).description;
    if (own !== undefined) texts[''] = own;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const text = (property as { description?: string }).description;
      if (text !== undefined) texts[name] = text;
    }
    into.types[definition] = texts;
  }
  // What the client's comments say of a parameter gives way.
  const known = new Set<string>();
  for (const document of documents.values()) {
    for (const [path, item] of Object.entries<any>(document.paths)) {
      for (const [verb, owner] of [['', item] as const, ...Object.entries<any>(item)]) {
        if (Array.isArray(owner)) continue;
        readParameters(into.parameters, known, path, verb, owner.parameters ?? []);
        // What acts on a resource is described by its verb and kind, but for what is no object.
        const composed = owner['x-kubernetes-action'] !== undefined && !path.endsWith('/log');
        if (owner.description && !composed) {
          into.operations[`${verb} ${path}`] = owner.description;
        }
      }
    }
  }
}

/** One name mostly means one thing: what differs by verb, or at one path, is kept beside it. */
function readParameters(
  into: Record<string, string>,
  known: Set<string>,
  path: string,
  verb: string,
  parameters: readonly { in: string; name: string; description?: string }[],
): void {
  for (const { in: place, name, description } of parameters) {
    const key = `${place} ${name}`;
    // That one is made of the kind.
    if (!description || key === 'path name') continue;
    const ofVerb = into[`${verb} ${key}`];
    if (!known.has(key)) {
      known.add(key);
      into[key] = description;
    } else if (verb !== '' && ofVerb === undefined) {
      if (into[key] !== description) into[`${verb} ${key}`] = description;
    } else if ((ofVerb ?? into[key]) !== description) into[`${path} ${verb} ${key}`] = description;
  }
}
