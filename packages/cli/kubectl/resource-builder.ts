import { type KubeObject, parseApiVersion, type StatusError } from '@coxswain/machinery';
import type { ResourceMapping } from './discovery.ts';
import { Failure, restated, throwAll } from './error-text.ts';
import { type FileSources, fileSources, readFiles, type SourcedObject } from './read-files.ts';
import { parseResourceArgs } from './resource-args.ts';
import type { Query } from './rest.ts';
import type { Session } from './session.ts';

/** One object that a verb works on. */
export interface Info {
  readonly mapping: ResourceMapping;
  /** Absent for cluster-scoped resources. */
  readonly namespace: string | undefined;
  readonly name: string;
  /** As the file has it, or the server; absent until asked for. */
  readonly object?: KubeObject;
  /** The file that the object came from. */
  readonly source?: string;
}

/** All objects of a resource that selectors fit. */
export interface Selection {
  readonly mapping: ResourceMapping;
  /** Absent: all namespaces, or cluster-scoped. */
  readonly namespace: string | undefined;
  readonly query: Query;
}

/** What a command line asks for: single objects, or whole lists. */
export interface Wanted {
  readonly infos: readonly Info[];
  readonly selections: readonly Selection[];
  /** The command line named exactly one object. */
  readonly single: boolean;
}

export interface BuilderOptions {
  readonly args?: readonly string[];
  readonly files?: FileSources | undefined;
  readonly selector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** `--all`, or what takes a bare TYPE for all of it. */
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
  /** The type of arguments that are bare names. */
  readonly defaultType?: string;
}

/** The builder's options that the usual flags give. Flags that the verb lacks are taken as not given. */
export function builderOptions(session: Session, args = session.args): BuilderOptions {
  const { flags } = session;
  return {
    args,
    files: fileSources(session),
    selector: flags.known('selector') ? flags.string('selector') : undefined,
    fieldSelector: flags.known('field-selector') ? flags.string('field-selector') : undefined,
    all: flags.known('all') && flags.bool('all'),
    allNamespaces: flags.known('all-namespaces') && flags.bool('all-namespaces'),
  };
}

/** What is said when a command line names nothing. */
export const noResources =
  "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/** Finds out what a command line asks for, without reading any object. */
export async function resolveWanted(session: Session, options: BuilderOptions): Promise<Wanted> {
  const { args = [], files, selector = '', fieldSelector = '' } = options;
  if (files !== undefined) {
    if (args.length > 0) {
      throw new Failure(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      );
    }
    const infos = await infosOfFiles(session, files);
    return { infos, selections: [], single: infos.length === 1 };
  }
  const discovery = await session.discovery();
  const named = await parseResourceArgs(discovery, args, options.defaultType);
  const place = await session.namespace();
  const namespaceOf = (mapping: ResourceMapping): string | undefined =>
    mapping.namespaced ? place : undefined;
  if (named.pairs.length > 0) {
    refuseSelectors(selector, fieldSelector, options.all);
    const infos = named.pairs.map(({ mapping, name }) => ({
      mapping,
      name,
      namespace: namespaceOf(mapping),
    }));
    return { infos, selections: [], single: infos.length === 1 };
  }
  if (named.names.length > 0) {
    refuseSelectors(selector, fieldSelector, options.all);
    if (options.allNamespaces && named.types.some((mapping) => mapping.namespaced)) {
      throw new Failure('a resource cannot be retrieved by name across all namespaces');
    }
    const infos = named.types.flatMap((mapping) =>
      named.names.map((name) => ({ mapping, name, namespace: namespaceOf(mapping) })),
    );
    return { infos, selections: [], single: infos.length === 1 };
  }
  if (named.types.length === 0) {
    throw new Failure(noResources);
  }
  if (selector === '' && fieldSelector === '' && options.all === false) {
    throw new Failure('resource(s) were provided, but no name was specified');
  }
  const selections = named.types.map((mapping) => ({
    mapping,
    namespace: options.allNamespaces ? undefined : namespaceOf(mapping),
    query: { labelSelector: selector, fieldSelector },
  }));
  return { infos: [], selections, single: false };
}

function refuseSelectors(selector: string, fieldSelector: string, all: boolean | undefined): void {
  if (all === true) throw new Failure("setting 'all' parameter but found a non empty selector or name");
  if (selector !== '' || fieldSelector !== '') {
    throw new Failure('selectors and the all flag cannot be used when passing resource/name arguments');
  }
}

/** The objects of files with the resources they are of. */
export async function infosOfFiles(session: Session, files: FileSources): Promise<Info[]> {
  const infos: Info[] = [];
  for (const each of await readFiles(session, files)) infos.push(await infoOf(session, each));
  return infos;
}

/** The resource and the place of an object. */
export async function infoOf(session: Session, { object, source }: SourcedObject): Promise<Info> {
  const { group, version } = parseApiVersion(object.apiVersion);
  const mapping = await (await session.discovery()).resourceOfKind(group, version, object.kind);
  const { name = '', namespace } = object.metadata;
  if (mapping === undefined) {
    throw new Failure(
      `resource mapping not found for name: "${name}" namespace: "${namespace ?? ''}" from "${source}": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
    );
  }
  if (!mapping.namespaced) return { mapping, name, namespace: undefined, object, source };
  const place = await session.namespace();
  if (namespace !== undefined && namespace !== '' && session.namespaceGiven && namespace !== place) {
    throw new Failure(
      `the namespace from the provided object "${namespace}" does not match the namespace "${place}". You must pass '--namespace=${namespace}' to perform this operation.`,
    );
  }
  const own = namespace || place;
  return {
    mapping,
    name,
    namespace: own,
    object: { ...object, metadata: { ...object.metadata, namespace: own } },
    source,
  };
}

/** Reads what is wanted from the server. What fails is gathered in `errors`, the rest goes on. */
export async function fetchWanted(session: Session, wanted: Wanted, errors: unknown[]): Promise<Info[]> {
  const rest = await session.rest();
  const found: Info[] = [];
  for (const info of wanted.infos) {
    try {
      found.push({ ...info, object: await rest.get(info) });
    } catch (error) {
      errors.push(error);
    }
  }
  for (const { mapping, namespace, query } of wanted.selections) {
    try {
      const list = await rest.list({ mapping, namespace }, { ...query, limit: 500 });
      found.push(...infosOfList(mapping, list));
      for (let next = list.metadata.continue; next; ) {
        const page = await rest.list({ mapping, namespace }, { ...query, limit: 500, continue: next });
        found.push(...infosOfList(mapping, page));
        next = page.metadata.continue;
      }
    } catch (error) {
      errors.push(explainSelector(error, mapping, query));
    }
  }
  return found;
}

/** Names the resource and the selectors in the error about a list, as the builder does. */
export function explainSelector(error: unknown, mapping: ResourceMapping, query: Query): unknown {
  const { labelSelector = '', fieldSelector = '' } = query;
  if (!isStatus(error) || (error.reason !== 'BadRequest' && error.reason !== 'NotFound')) return error;
  const { group, version, resource } = mapping;
  const gvr = `"${group}/${version}, Resource=${resource}"`;
  const found =
    labelSelector === '' && fieldSelector === ''
      ? `Unable to list ${gvr}`
      : `Unable to find ${gvr} that match label selector "${labelSelector}", field selector "${fieldSelector}"`;
  return restated(error, `${found}: ${error.message}`);
}

function isStatus(error: unknown): error is StatusError {
  return error instanceof Error && error.name === 'StatusError';
}

/** The objects of a list, each with kind and version. */
export function infosOfList(
  mapping: ResourceMapping,
  list: { readonly items: readonly KubeObject[] },
): Info[] {
  const apiVersion = mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`;
  return (list.items ?? []).map((item) => ({
    mapping,
    name: item.metadata.name ?? '',
    namespace: mapping.namespaced ? item.metadata.namespace : undefined,
    object: { ...item, apiVersion: item.apiVersion ?? apiVersion, kind: item.kind ?? mapping.kind },
  }));
}

/** Reads the objects of a command line and does something with each; failures of one do not stop the others. */
export async function visit(
  session: Session,
  options: BuilderOptions,
  visitor: (info: Info & { readonly object: KubeObject }) => Promise<void> | void,
): Promise<number> {
  const errors: unknown[] = [];
  const infos = await fetchWanted(session, await resolveWanted(session, options), errors);
  for (const info of infos) {
    try {
      await visitor(info as Info & { object: KubeObject });
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
  return infos.length;
}

/** `deployment.apps/web`, or `pod/web`: how kubectl names an object. */
export function nameOf(info: Pick<Info, 'mapping' | 'name'>): string {
  return `${typeOf(info.mapping)}/${info.name}`;
}

/** `deployment.apps`, or `pod`. */
export function typeOf(mapping: ResourceMapping): string {
  const kind = mapping.kind.toLowerCase();
  return mapping.group === '' ? kind : `${kind}.${mapping.group}`;
}
