import { MalformedUrl, RequestInfoError } from './status-errors.ts';

/** What a request is about, read from its method and path alone (RequestInfo of upstream). */
export interface RequestInfo {
  readonly resourceRequest: boolean;
  /** The path without its query. */
  readonly path: string;
  /** get, list, watch, create, ... for resources; the method in lower case for the rest. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows the subresource: the path behind `proxy`. */
  readonly rest: string;
  /** The path begins with the deprecated `watch/`. */
  readonly watchPath: boolean;
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Subresources of a namespace, which are not resources in it. */
const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

/** Verbs that may stand before the resource in a path; nothing is served by `proxy` any more. */
const specialVerbs: ReadonlySet<string> = new Set(['proxy', 'watch']);

/**
 * Reads a path; `watch` says whether the query asks for a watch.
 * @param url the path with its query, which errors show
 */
export function parseRequestInfo(method: string, path: string, watch: boolean, url = path): RequestInfo {
  const plain = path.includes('%') ? decodePath(path) : path;
  const parts = plain.split('/');
  // The leading slash gives an empty first part, a trailing one an empty last part.
  let at = 1;
  let end = parts.length;
  while (end > 1 && parts[end - 1] === '') end--;
  const root = parts[at];
  if (root !== 'api' && root !== 'apis') return nonResource(method, path);
  at++;
  let group = '';
  if (root === 'apis') {
    if (end - at < 3) return nonResource(method, path);
    group = parts[at++] as string;
  } else if (end - at < 2) return nonResource(method, path);
  const version = parts[at++] as string;
  let verb = verbs[method] ?? '';
  const special = specialVerbs.has(parts[at] as string);
  const watchPath = special && parts[at] === 'watch';
  if (special) {
    if (end - at < 2) {
      throw new RequestInfoError(`unable to determine kind and namespace from url, ${url}`);
    }
    verb = parts[at++] as string;
  }
  let namespace = '';
  if (parts[at] === 'namespaces') {
    if (end - at > 1) {
      namespace = parts[at + 1] as string;
      if (end - at > 2 && !namespaceSubresources.has(parts[at + 2] as string)) at += 2;
    }
  }
  const resource = at < end ? (parts[at] as string) : '';
  const name = at + 1 < end ? (parts[at + 1] as string) : '';
  const subresource = at + 2 < end && verb !== 'proxy' ? (parts[at + 2] as string) : '';
  const rest = at + 3 <= parts.length - 1 ? `/${restOf(path, parts, at + 3)}` : '';
  if (name === '') {
    if (verb === 'get') verb = watch ? 'watch' : 'list';
    else if (verb === 'delete') verb = 'deletecollection';
  }
  return {
    resourceRequest: true,
    path,
    verb,
    group,
    version,
    apiVersion: group === '' ? version : `${group}/${version}`,
    namespace,
    resource,
    subresource,
    name,
    rest,
    watchPath,
  };
}

/** @throws MalformedUrl */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new MalformedUrl(`reading the path of a request: ${JSON.stringify(path)}`, { cause });
  }
}

/** What is carried on to others goes as it came, unless a slash was written in another way. */
function restOf(path: string, parts: readonly string[], from: number): string {
  const asItCame = path.split('/');
  return (asItCame.length === parts.length ? asItCame : parts).slice(from).join('/');
}

function nonResource(method: string, path: string): RequestInfo {
  return {
    resourceRequest: false,
    path,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    apiVersion: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    rest: '',
    watchPath: false,
  };
}
