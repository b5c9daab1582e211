import type { RequestInfo } from '../request-info.ts';

/** Upstream tells the methods of requests, but for those of lists and watches. */
const verbs: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  deletecollection: 'DELETE',
  head: 'GET',
};
/** Methods that are told apart. */
const toldVerbs: ReadonlySet<string> = new Set([
  'APPLY',
  'CONNECT',
  'DELETE',
  'GET',
  'LIST',
  'PATCH',
  'POST',
  'PUT',
  'WATCH',
]);
/** Where the name of a verb differs for the size of bodies. */
const bodyVerbs: Readonly<Record<string, string>> = { deletecollection: 'delete_collection' };
/** Connections to somebody else, whatever their method. */
const connections: ReadonlySet<string> = new Set(['exec', 'attach', 'log', 'portforward', 'proxy']);

/** What a path is told as that is no resource. */
interface CountedPath {
  readonly component: string;
  readonly resource: string;
  readonly subresource: string;
}

const counted = (path: string, component: string, resource = ''): readonly [string, CountedPath] => [
  path,
  { component, resource, subresource: resource === '' ? path : '' },
];
/** Of other paths upstream counts nothing. */
const countedPaths: ReadonlyMap<string, CountedPath> = new Map([
  counted('/healthz', ''),
  counted('/livez', ''),
  counted('/readyz', ''),
  counted('/statusz', 'apiserver', 'statusz'),
  counted('/flagz', 'apiserver', 'flagz'),
  counted('/api', 'apiserver'),
  counted('/apis', 'apiserver'),
]);

/** Whether the answer of a path that is no resource is counted. */
export function countsPath(path: string, answer: { getHeader(name: string): unknown }): boolean {
  if (!countedPaths.has(path)) return false;
  // Of discovery only the one in a single document.
  return !path.startsWith('/api') || String(answer.getHeader('content-type')).includes(aggregated);
}

/** In the type of discovery's single document. */
const aggregated = 'as=APIGroupDiscoveryList';

/** Paths that are told apart where a request lasts or is ended; of the others only that there was one. */
const named = /^\/(healthz|livez|readyz|metrics|version|openapi|debug|statusz|flagz|configz)(\/|$)/;

/** Labels of answers. */
export const labels = [
  'component',
  'dry_run',
  'group',
  'resource',
  'scope',
  'subresource',
  'verb',
  'version',
];
/** Of what has no dry runs. */
export const plainLabels = labels.filter((label) => label !== 'dry_run');

/** Values of `plainLabels`. */
export function plainValues(info: RequestInfo): string[] {
  const { group, resource, version } = info;
  const subresource = info.resourceRequest ? info.subresource : named.test(info.path) ? info.path : '';
  return ['apiserver', group, resource, scopeOf(info), subresource, verbOf(info), version];
}

/** The same of an answer: paths that are no resources are told as upstream does. */
export function answerValues(info: RequestInfo): string[] {
  const values = plainValues(info);
  const path = info.resourceRequest ? undefined : countedPaths.get(info.path);
  if (path === undefined) return values;
  values[0] = path.component;
  values[2] = path.resource;
  values[4] = path.subresource;
  return values;
}

/** The verb as it is told with the size of a body. */
export function bodyVerbOf({ verb }: RequestInfo): string {
  return bodyVerbs[verb] ?? verb;
}

/** Whether it is about one object, those of a namespace or all. */
export function scopeOf({ resourceRequest, name, verb, namespace }: RequestInfo): string {
  if (!resourceRequest) return '';
  if (name !== '' || verb === 'create') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

/** The method as upstream tells it. */
export function verbOf({ verb, resourceRequest, subresource }: RequestInfo): string {
  if (resourceRequest && connections.has(subresource)) return 'CONNECT';
  const told = verbs[verb] ?? verb.toUpperCase();
  return toldVerbs.has(told) ? told : 'other';
}
