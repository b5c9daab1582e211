import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOfStream } from 'node:stream/consumers';
import type { KubeObject } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import type { Session } from './session.ts';

/** An object of a file. */
export interface SourcedObject {
  readonly object: KubeObject;
  /** The file's name, for messages; `STDIN` for standard input. */
  readonly source: string;
}

/** The objects of the files, folders, URLs and standard input that `-f` names; lists are taken apart. */
export async function readFiles(
  session: Session,
  filenames: readonly string[],
  recursive = false,
): Promise<SourcedObject[]> {
  const found: SourcedObject[] = [];
  for (const filename of filenames) {
    if (filename === '-') found.push(...(await decode(await textOfStream(session.streams.in), 'STDIN')));
    else if (/^https?:\/\//.test(filename))
      found.push(...(await decode(await fetchText(filename), filename)));
    else {
      for (const path of filesOf(filename, recursive)) {
        found.push(...(await decode(readFileSync(path, 'utf8'), path)));
      }
    }
  }
  return found;
}

/** The files that a path stands for; in folders those with names of manifests. */
function filesOf(path: string, recursive: boolean): string[] {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    const matched = path.includes('*') ? globOf(path) : [];
    if (matched.length > 0) return matched;
    throw new Failure(`the path "${path}" does not exist`);
  }
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.flatMap((entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory()) return recursive ? filesOf(below, true) : [];
    return /\.(json|yaml|yml)$/.test(entry.name) ? [below] : [];
  });
  if (files.length === 0 && !recursive) {
    throw new Failure(`error reading [${path}]: recognized file extensions are [.json .yaml .yml]`);
  }
  return files;
}

function globOf(pattern: string): string[] {
  const slash = pattern.lastIndexOf('/');
  const dir = slash < 0 ? '.' : pattern.slice(0, slash);
  const name = pattern.slice(slash + 1).replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const regex = new RegExp(`^${name.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return readdirSync(dir)
    .filter((entry) => regex.test(entry))
    .sort()
    .map((entry) => (slash < 0 ? entry : join(dir, entry)));
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Failure(
      `unable to read URL "${url}", server reported ${response.status} ${response.statusText}, status code=${response.status}`,
    );
  }
  return response.text();
}

async function decode(text: string, source: string): Promise<SourcedObject[]> {
  const values = await parseDocuments(text, source);
  return values.flatMap((value) => objectsOf(value, source));
}

/** The documents of a JSON or YAML text, as values. */
export async function parseDocuments(text: string, source: string): Promise<unknown[]> {
  if (text.trimStart().startsWith('{')) {
    try {
      return [JSON.parse(text)];
    } catch {
      // Several JSON documents, or flow-style YAML: read below.
    }
  }
  const { decodeYaml, splitYamlDocuments } = await import('@coxswain/api');
  try {
    return splitYamlDocuments(text).map((document) => {
      const { object, strictErrors } = decodeYaml(document, undefined, { strict: true });
      if (strictErrors.length > 0) throw new Error(strictErrors.join('; '));
      return object;
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`error parsing ${source}: error converting YAML to JSON: ${why}`, { cause });
  }
}

function objectsOf(value: unknown, source: string): SourcedObject[] {
  if (value === null || value === undefined) return [];
  const object = value as KubeObject;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new Failure(
      `unable to decode "${source}": json: cannot unmarshal into Go value of type unstructured.detector`,
    );
  }
  if (!object.kind) throw notSet(source, 'kind', value);
  if (!object.apiVersion) throw notSet(source, 'apiVersion', value);
  if (object.kind.endsWith('List') && Array.isArray(object['items'])) {
    return object['items'].flatMap((item) => objectsOf(item, source));
  }
  return [{ object: { ...object, metadata: object.metadata ?? {} }, source }];
}

function notSet(source: string, field: string, value: object): Failure {
  return new Failure(
    `error validating "${source}": error validating data: ${field} not set; if you choose to ignore these errors, turn validation off with --validate=false`,
    { cause: value },
  );
}
