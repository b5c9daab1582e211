import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { formatShapes, parseShapes, readGoShapes } from './go-shape.ts';
import { irregularFile } from './openapi-irregular.ts';
import { type ReleasedFacts, readReleasedFacts } from './released-facts.ts';
import { supplement } from './supplement.ts';
import { generateFiles } from './tables.ts';

const root = join(import.meta.dirname, '..', '..');
const output = join(root, 'packages', 'api', 'generated');
const shapeFile = join(import.meta.dirname, 'go-shape.txt');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { facts: { type: 'string' }, go: { type: 'string' } },
});
const folder = values.facts ?? join(root, '..', 'shared', 'kubernetes-1.36');

/** `update` writes, `verify` compares, `shapes --go DIR` rereads the struct tags of a release's Go packages. */
async function main(): Promise<number> {
  const verb = positionals[0];
  if (verb !== 'update' && verb !== 'verify' && verb !== 'shapes') {
    process.stderr.write('usage: main.ts update|verify [--facts DIR] | shapes --go DIR [--facts DIR]\n');
    return 2;
  }
  if (!existsSync(folder)) {
    process.stdout.write('generate: skipped, no folder of published facts here (give --facts DIR)\n');
    return verb === 'verify' ? 0 : 1;
  }
  const facts = readReleasedFacts(folder);
  if (verb === 'shapes') return updateShapes([...facts.schemas.keys()]);
  const files = generateFiles(facts, parseShapes(readFileSync(shapeFile, 'utf8')));
  return verb === 'update' ? update(files, facts) : verify(files, facts);
}

function updateShapes(definitions: readonly string[]): number {
  if (values.go === undefined) {
    process.stderr.write('shapes: give --go DIR, a folder that holds k8s.io/api and its siblings\n');
    return 2;
  }
  const kept = existsSync(shapeFile) ? parseShapes(readFileSync(shapeFile, 'utf8')) : [];
  const read = readGoShapes(values.go, [...definitions, ...supplement.keys()]);
  writeFileSync(shapeFile, formatShapes(new Map([...kept, ...read])));
  return 0;
}

async function update(files: Map<string, string>, facts: ReleasedFacts): Promise<number> {
  writeAll(files);
  // What the rules over the tables do not yield can only be told once the tables are there.
  const irregular = await irregularFile(facts);
  writeAll(irregular);
  for (const name of existing()) {
    if (!files.has(name) && !irregular.has(name)) rmSync(join(output, name));
  }
  return 0;
}

function writeAll(files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(output, name)), { recursive: true });
    writeFileSync(join(output, name), text);
  }
}

function existing(): string[] {
  return readdirSync(output, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => relative(output, join(e.parentPath, e.name)));
}

async function verify(files: Map<string, string>, facts: ReleasedFacts): Promise<number> {
  for (const [name, text] of await irregularFile(facts)) files.set(name, text);
  const stale = [...files].filter(([name, text]) => {
    const path = join(output, name);
    return !existsSync(path) || readFileSync(path, 'utf8') !== text;
  });
  const surplus = existing().filter((name) => !files.has(name));
  for (const name of [...stale.map(([n]) => n), ...surplus]) {
    process.stdout.write(`generate: ${join('packages/api/generated', name)} is not what the facts say\n`);
  }
  return stale.length + surplus.length === 0 ? 0 : 1;
}

process.exitCode = await main();
