import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOfStream } from 'node:stream/consumers';
import { type KubeObject, readJson } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import type { Session } from './session.ts';

/** An object of a file. */
export interface SourcedObject {
  readonly object: KubeObject;
  /** The file's name, for messages; `STDIN` for standard input. */
  readonly source: string;
}

/** Where the objects of a command line come from: files, or a kustomization. */
export interface FileSources {
  readonly filenames: readonly string[];
  /** Go into the folders of `filenames`. */
  readonly recursive: boolean;
  /** Folder or address of a kustomization; then there are no filenames. */
  readonly kustomize: string;
}

/** What `-f` and `-k` say; undefined when neither is given, or the verb lacks them. Throws `Failure` for both. */
export function fileSources(session: Session): FileSources | undefined {
  const { flags } = session;
  const filenames = flags.known('filename') ? flags.strings('filename') : [];
  const kustomize = flags.known('kustomize') ? (flags.string('kustomize') ?? '') : '';
  if (filenames.length > 0 && kustomize !== '') throw new Failure('only one of -f or -k can be specified');
  if (filenames.length === 0 && kustomize === '') return undefined;
  return { filenames, kustomize, recursive: flags.known('recursive') && flags.bool('recursive') };
}

/** What `-f` or `-k` says; one of them must be given. Throws `Failure`. */
export function requiredFiles(session: Session): FileSources {
  const sources = fileSources(session);
  if (sources === undefined) throw new Failure('must specify one of -f and -k');
  return sources;
}

/** The objects of the files, folders, URLs, standard input or kustomization; lists are taken apart. */
export async function readFiles(session: Session, sources: FileSources): Promise<SourcedObject[]> {
  const { filenames, recursive, kustomize } = sources;
  if (kustomize !== '') {
    const { buildKustomization } = await import('./kustomize/build.ts');
    const objects = buildKustomization(kustomize, { warn: (text) => session.err(text) });
    return objects.flatMap((object) => objectsOf(object, kustomize));
  }
  const found: SourcedObject[] = [];
  for (const filename of filenames) {
    if (filename === '-')
      found.push(...(await objectsOfText(await textOfStream(session.streams.in), 'STDIN')));
    else if (/^https?:\/\//.test(filename))
      found.push(...(await objectsOfText(await fetchText(filename), filename)));
    else {
      for (const path of filesOf(filename, recursive)) {
        found.push(...(await objectsOfText(readFileSync(path, 'utf8'), path)));
      }
    }
  }
  return found;
}

/** The one file of a request to a path of one's own (`--raw`), as it is. Throws `Failure` for more. */
export async function rawBody(session: Session, { filenames, kustomize }: FileSources): Promise<string> {
  const [filename = '', ...more] = filenames;
  if (kustomize !== '' || more.length > 0 || /^https?:/.test(filename)) {
    throw new Failure('--raw can only use a single local file or stdin');
  }
  return filename === '-' ? textOfStream(session.streams.in) : readFileSync(filename, 'utf8');
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

/** The objects of a JSON or YAML text; lists are taken apart. Throws `Failure`. */
export async function objectsOfText(text: string, source: string): Promise<SourcedObject[]> {
  const values = await parseDocuments(text, source);
  return values.flatMap((value) => objectsOf(value, source));
}

/** The documents of a JSON or YAML text, as values. */
export async function parseDocuments(text: string, source: string): Promise<unknown[]> {
  if (text.trimStart().startsWith('{')) {
    try {
      return [readJson(text)];
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
