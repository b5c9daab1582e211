import { createHash } from 'node:crypto';
import {
  apiVersionOf,
  type GroupVersionKind,
  parseApiVersion,
  type Steps,
  writeJson,
} from '@coxswain/machinery';
import { allResources, kindsOfDefinition } from '../facts.ts';
import { type CustomOpenApi, customDefinition, customOf } from './custom.ts';
import { groupPath, versionPath } from './discovery-paths.ts';
import { definitionSchema, irregularPaths } from './irregular.ts';
import { kindsOfEveryGroup } from './known-versions.ts';
import type { PathItem } from './operation.ts';
import { ruledPaths } from './paths.ts';
import { describePath, describeSchema } from './prose.ts';
import { referencesIn, type Schema } from './schema.ts';

/** Documents that belong to no group. */
const rootDocuments = ['.well-known/openid-configuration', 'api', 'apis', 'openid/v1/jwks', 'version'];

export interface OpenApiOptions {
  /** Whether a `group/version` (`v1` for core) is served; all are when absent. */
  readonly isServed?: (groupVersion: string) => boolean;
  /** Resources that are not built in. */
  readonly custom?: readonly CustomOpenApi[];
  /** What `info.version` says, such as `v1.36.2`. */
  readonly version?: string;
}

const always = (): boolean => true;

/** Names of all documents of `/openapi/v3`, sorted: `api/v1`, `apis/apps`, `apis/apps/v1`, ... */
export function documentNames(options: OpenApiOptions = {}): string[] {
  const names = new Set(rootDocuments);
  for (const { group, version } of allResources()) {
    const gv = apiVersionOf({ group, version });
    if (!(options.isServed ?? always)(gv)) continue;
    if (group !== '') names.add(`apis/${group}`);
    names.add(group === '' ? `api/${version}` : `apis/${gv}`);
  }
  for (const { resource } of options.custom ?? []) names.add(`apis/${resource.group}/${resource.version}`);
  return [...names].sort();
}

/**
 * The index of `/openapi/v3`. A document's hash changes when the server's version does: the documents are made
 * from facts that a version fixes, so they need not be built for it.
 */
export function openApiV3Index(options: OpenApiOptions = {}): Buffer {
  const entries = documentNames(options).map((name) => {
    const hash = createHash('sha512')
      .update(`${options.version ?? ''} ${name}${revisionOf(name, options)}`)
      .digest('hex')
      .toUpperCase();
    return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }];
  });
  return Buffer.from(JSON.stringify({ paths: Object.fromEntries(entries) }), 'utf8');
}

/** Of documents that hold custom resources, which change while the server runs. */
export function revisionOf(name: string, { custom }: OpenApiOptions): string {
  const [, group = '', version = ''] = name.split('/');
  return customOf(custom, group, version)
    .map(({ revision }) => ` ${revision}`)
    .join('');
}

/** Documents of definitions that have changed since are of no use. */
const builtLimit = 500;
const built = new Map<string, Buffer>();

/** One document of `/openapi/v3`, built at its first request; undefined when there is none of that name. */
export function* openApiV3(name: string, options: OpenApiOptions = {}): Steps<Buffer | undefined> {
  if (!documentNames(options).includes(name)) return undefined;
  const key = `${options.version ?? ''} ${name}${revisionOf(name, options)}`;
  let bytes = built.get(key);
  if (bytes === undefined) {
    const document = yield* openApiV3Document(name, options);
    bytes = Buffer.from(writeJson(document), 'utf8');
    if (built.size >= builtLimit) built.clear();
    built.set(key, bytes);
  }
  return bytes;
}

/** The same document as an object of its own. */
export function* openApiV3Document(name: string, options: OpenApiOptions = {}): Steps<Schema> {
  const served = servedBy(name);
  const own = served === undefined ? [] : customOf(options.custom, served.group, served.version);
  const paths = yield* pathsOf(name, served, own);
  for (const [path, item] of Object.entries(paths)) {
    describePath(path, item);
    yield;
  }
  const schemas = yield* schemasFor(paths, name, own);
  const components = Object.keys(schemas).length === 0 ? {} : { schemas };
  // Upstream makes those of custom resources apart, one a definition.
  if (own.length > 0) return { openapi, info: customInfo, paths, components };
  return {
    openapi,
    info: { title: 'Kubernetes', version: options.version ?? 'unversioned' },
    paths,
    components: { ...components, securitySchemes },
  };
}

const openapi = '3.0.0';
const customInfo = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };
const securitySchemes = {
  BearerToken: {
    type: 'apiKey',
    description: 'Bearer Token authentication',
    name: 'authorization',
    in: 'header',
  },
};

interface GroupAndVersion {
  readonly group: string;
  readonly version: string;
}

/** The group and version whose resources a document is of. */
function servedBy(name: string): GroupAndVersion | undefined {
  const gv = /^api\/(v\w+)$|^apis\/([^/]+\/[^/]+)$/.exec(name);
  return gv === null ? undefined : parseApiVersion((gv[1] ?? gv[2]) as string);
}

/** The paths of a document by name, sorted. */
function* pathsOf(
  name: string,
  served: GroupAndVersion | undefined,
  custom: readonly CustomOpenApi[],
): Steps<Record<string, PathItem>> {
  const paths = new Map<string, PathItem>();
  const group = /^apis\/([^/]+)$/.exec(name)?.[1];
  if (group !== undefined) paths.set(`/${name}/`, groupPath(group));
  if (served !== undefined) {
    if (custom.length === 0) paths.set(`/${name}/`, versionPath(served.group, served.version));
    for (const { resource, listKind } of custom) {
      for (const [path, item] of ruledPaths(resource, listKind)) paths.set(path, item);
      yield;
    }
    for (const resource of allResources()) {
      if (resource.group !== served.group || resource.version !== served.version) continue;
      for (const [path, item] of ruledPaths(resource)) paths.set(path, item);
      yield;
    }
  }
  for (const [path, item] of Object.entries(irregularPaths())) {
    if (belongsTo(path, name)) paths.set(path, structuredClone(item));
  }
  return Object.fromEntries([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function belongsTo(path: string, name: string): boolean {
  if (!path.startsWith(`/${name}/`)) return false;
  return name === 'api' || name === 'apis' ? path === `/${name}/` : true;
}

/** Schemas of all that the paths refer to, directly or not. */
function* schemasFor(
  paths: unknown,
  name: string,
  custom: readonly CustomOpenApi[],
): Steps<Record<string, Schema>> {
  const waiting = [...referencesIn(paths)];
  const schemas: Record<string, Schema> = {};
  const seen = new Set(waiting);
  for (let definition = waiting.pop(); definition !== undefined; definition = waiting.pop()) {
    yield;
    const schema =
      customDefinition(custom, definition) ?? builtInDefinition(definition, name, custom.length > 0);
    if (schema === undefined) continue;
    schemas[definition] = schema;
    for (const next of referencesIn(schema)) {
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Groups that upstream's clients, by whose scheme it documents custom resources, do not know. */
const unknownToClients: ReadonlySet<string> = new Set([
  'admission.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'imagepolicy.k8s.io',
]);

/** A definition of the release as the document of a group and version has it. */
function builtInDefinition(definition: string, document: string, isCustom: boolean): Schema | undefined {
  const schema = definitionSchema(definition);
  if (schema === undefined) return undefined;
  const everyGroups = isCustom ? kindsOfEveryGroup(definition, unknownToClients) : undefined;
  const kinds = everyGroups ?? ownKinds(definition, document);
  if (kinds.length > 0) schema['x-kubernetes-group-version-kind'] = kinds;
  return describeSchema(definition, schema);
}

/** Of the kinds of a definition those that a document shows: what is a kind of every group is one of its own. */
function ownKinds(definition: string, document: string): GroupVersionKind[] {
  const own = document.startsWith('apis/') ? document.slice('apis/'.length) : '';
  return kindsOfDefinition(definition)
    .filter((kind, _, all) => all.length === 1 || kind.group === '' || apiVersionOf(kind) === own)
    .sort((a, b) => (a.group < b.group ? -1 : 1));
}
