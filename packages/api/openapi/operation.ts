import type { GroupVersionKind, ResourceFact } from '@coxswain/machinery';
import { refTo, type Schema } from './schema.ts';

/** What an operation does, as `x-kubernetes-action` says it. */
export type Action =
  | 'get'
  | 'list'
  | 'watch'
  | 'watchlist'
  | 'post'
  | 'put'
  | 'patch'
  | 'delete'
  | 'deletecollection';

export type PathItem = Record<string, any>;

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const patchTypes = [
  'apply-patch+cbor',
  'apply-patch+yaml',
  'json-patch+json',
  'merge-patch+json',
  'strategic-merge-patch+json',
];
const customPatchTypes = ['apply-patch+yaml', 'json-patch+json', 'merge-patch+json'];
const customTypes = ['json', 'yaml'];
const mediaTypes = ['cbor', 'json', 'vnd.kubernetes.protobuf', 'yaml'];
const streamTypes = ['cbor-seq', 'json;stream=watch', 'vnd.kubernetes.protobuf;stream=watch'];

const listParameters = {
  allowWatchBookmarks: 'boolean',
  continue: 'string',
  fieldSelector: 'string',
  labelSelector: 'string',
  limit: 'integer',
  resourceVersion: 'string',
  resourceVersionMatch: 'string',
  sendInitialEvents: 'boolean',
  shardSelector: 'string',
  timeoutSeconds: 'integer',
  watch: 'boolean',
};
const writeParameters = { dryRun: 'string', fieldManager: 'string', fieldValidation: 'string' };
const deleteParameters = {
  dryRun: 'string',
  gracePeriodSeconds: 'integer',
  ignoreStoreReadErrorWithClusterBreakingPotential: 'boolean',
  orphanDependents: 'boolean',
  propagationPolicy: 'string',
};
const customQueries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  get: { resourceVersion: 'string' },
  deletecollection: listParameters,
};
const { allowWatchBookmarks: _bookmarks, watch: _watch, ...collectionParameters } = listParameters;

const queryOf: Readonly<Record<Action, Readonly<Record<string, string>>>> = {
  get: {},
  list: listParameters,
  watch: listParameters,
  watchlist: listParameters,
  post: writeParameters,
  put: writeParameters,
  patch: { ...writeParameters, force: 'boolean' },
  delete: deleteParameters,
  deletecollection: { ...collectionParameters, ...deleteParameters },
};

const methodOf: Readonly<Record<Action, string>> = {
  get: 'get',
  list: 'get',
  watch: 'get',
  watchlist: 'get',
  post: 'post',
  put: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

export interface OperationSpec {
  readonly action: Action;
  readonly resource: ResourceFact;
  /** '' for the resource itself. */
  readonly subresource: string;
  readonly kind: GroupVersionKind;
  /** Definition of the body and the answer. */
  readonly definition: string;
  /** The path has no namespace though the resource is namespaced. */
  readonly allNamespaces: boolean;
  readonly deletedDefinition: string;
  /** Of a resource that is not built in, known in no form that needs a Go type: the definition of its list. */
  readonly customList?: string;
  /** The kind that the `name` of the path names. */
  readonly nameKind: string;
}

/** `RbacAuthorization`: the group as it stands in operation ids. */
export function groupTitle(group: string): string {
  if (group === '') return 'Core';
  return group
    .replace(/\.k8s\.io$/, '')
    .split('.')
    .map(capital)
    .join('');
}

export function tagOf(group: string, version: string): string {
  const title = groupTitle(group);
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}_${version}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function operationId(spec: OperationSpec): string {
  const { action, resource, subresource, allNamespaces } = spec;
  const verb = {
    get: 'read',
    list: 'list',
    watch: 'watch',
    watchlist: 'watch',
    post: 'create',
    put: 'replace',
    patch: 'patch',
    delete: 'delete',
    deletecollection: 'delete',
  }[action];
  const group = `${groupTitle(resource.group)}${capital(resource.version)}`;
  const scope = resource.namespaced && !allNamespaces ? 'Namespaced' : '';
  const tail = `${action === 'watchlist' ? 'List' : ''}${allNamespaces ? 'ForAllNamespaces' : ''}`;
  const collection = action === 'deletecollection' ? 'Collection' : '';
  return `${verb}${group}${collection}${scope}${resource.kind}${capital(subresource)}${tail}`;
}

function description(spec: OperationSpec): string {
  const { kind, verbs } = spec.resource;
  const watched = verbs.includes('watch') && spec.customList === undefined;
  const of = spec.subresource === '' ? '' : `${spec.subresource} of `;
  switch (spec.action) {
    case 'get':
      return `read ${of}the specified ${kind}`;
    case 'list':
      return `list ${watched ? 'or watch ' : ''}objects of kind ${kind}`;
    case 'watch':
      return `watch changes to an object of kind ${kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`;
    case 'watchlist':
      return `watch individual changes to a list of ${kind}. deprecated: use the 'watch' parameter with a list operation instead.`;
    case 'post':
      return spec.subresource === '' ? `create ${withArticle(kind)}` : `create ${of}${withArticle(kind)}`;
    case 'put':
      return `replace ${of}the specified ${kind}`;
    case 'patch':
      return `partially update ${of}the specified ${kind}`;
    case 'delete':
      return `delete ${withArticle(kind)}`;
    case 'deletecollection':
      return `delete collection of ${kind}`;
  }
}

/** Plurals, such as Endpoints, have no article. */
function withArticle(kind: string): string {
  if (/[^s]s$/.test(kind)) return kind;
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function contentOf(types: readonly string[], schema: Schema): Schema {
  return Object.fromEntries(types.map((type) => [`application/${type}`, { schema }]));
}

function answers(spec: OperationSpec): Schema {
  const { action } = spec;
  const stream = action === 'list' || action === 'watch' || action === 'watchlist';
  const definition =
    action === 'list'
      ? (spec.customList ?? `${spec.definition}List`)
      : action === 'watch' || action === 'watchlist'
        ? `${meta}.WatchEvent`
        : action === 'deletecollection'
          ? `${meta}.Status`
          : action === 'delete'
            ? spec.deletedDefinition
            : spec.definition;
  const isCustom = spec.customList !== undefined;
  const types = isCustom ? customTypes : stream ? [...mediaTypes, ...streamTypes].sort() : mediaTypes;
  const content = contentOf(types, refTo(definition));
  const out: Schema = { 200: { description: 'OK', content } };
  if (action === 'post' || action === 'put' || (action === 'patch' && !isCustom))
    out['201'] = { description: 'Created', content };
  if (action === 'post' || action === 'delete') out['202'] = { description: 'Accepted', content };
  out['401'] = { description: 'Unauthorized' };
  return out;
}

function bodyOf(spec: OperationSpec): Schema | undefined {
  const isCustom = spec.customList !== undefined;
  const content = (definition: string): Schema =>
    isCustom ? contentOf(customTypes, refTo(definition)) : { '*/*': { schema: refTo(definition) } };
  switch (spec.action) {
    case 'post':
    case 'put':
      return { required: true, content: content(spec.definition) };
    case 'patch':
      return {
        required: true,
        content: contentOf(isCustom ? customPatchTypes : patchTypes, refTo(`${meta}.Patch`)),
      };
    case 'delete':
    case 'deletecollection':
      if (isCustom && spec.action === 'deletecollection') return undefined;
      return { content: content(`${meta}.DeleteOptions`) };
    default:
      return undefined;
  }
}

function queryOfSpec({ action, customList }: OperationSpec): Readonly<Record<string, string>> {
  return (customList === undefined ? undefined : customQueries[action]) ?? queryOf[action];
}

function queryParameter([name, type]: readonly [string, string]): Schema {
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

/** One path with its operations; parameters that all of them share stand on the path. */
export function pathItem(pathParameters: readonly string[], specs: readonly OperationSpec[]): PathItem {
  const item: PathItem = {};
  const queries = specs.map((spec) => ({ ...queryOfSpec(spec), pretty: 'string' }) as Record<string, string>);
  const shared = Object.entries(queries[0] ?? {}).filter(([name]) => queries.every((q) => name in q));
  const sharedNames = new Set(shared.map(([name]) => name));
  specs.forEach((spec, i) => {
    const own = Object.entries(queries[i] as Record<string, string>).filter(
      ([name]) => !sharedNames.has(name),
    );
    const body = bodyOf(spec);
    item[methodOf[spec.action]] = {
      tags: [tagOf(spec.resource.group, spec.resource.version)],
      description: description(spec),
      operationId: operationId(spec),
      ...(own.length === 0 ? {} : { parameters: own.sort(byName).map(queryParameter) }),
      ...(body === undefined ? {} : { requestBody: body }),
      responses: answers(spec),
      'x-kubernetes-action': spec.action,
      'x-kubernetes-group-version-kind': spec.kind,
    };
  });
  const inPath = pathParameters.map((name) => ({
    name,
    in: 'path',
    ...(name === 'name' ? { description: `name of the ${specs[0]?.nameKind}` } : {}),
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }));
  const parameters = [...inPath, ...shared.map(queryParameter)].sort((a, b) =>
    byName([a['name']], [b['name']]),
  );
  if (parameters.length > 0) item['parameters'] = parameters;
  return item;
}

function byName(a: readonly string[], b: readonly string[]): number {
  return (a[0] as string) < (b[0] as string) ? -1 : 1;
}
