import type { RequestOptions, ResourceRequest } from './transport.ts';

/** What of a request its URL shows. */
export type ResourceTarget = Pick<
  ResourceRequest,
  'group' | 'version' | 'resource' | 'subresource' | 'namespace' | 'name' | 'options'
>;

/** The path of a resource, as client-go builds it, without the query. */
export function resourcePath(target: ResourceTarget): string {
  const { group, version, resource, subresource, namespace, name } = target;
  const parts = group === '' ? ['/api', version] : ['/apis', group, version];
  if (namespace !== undefined && namespace !== '') parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(resource);
  if (name !== undefined && name !== '') parts.push(encodeURIComponent(name));
  if (subresource !== undefined && subresource !== '') {
    if (name === undefined || name === '')
      throw new TypeError(`${resource}/${subresource}: a name is required`);
    parts.push(...subresource.split('/').map(encodeURIComponent));
  }
  return parts.join('/');
}

/** The query of request options: keys in order, as Go's `url.Values` encodes them. '' when there are none. */
export function optionsQuery(options: RequestOptions | undefined, more?: Record<string, string>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...options, ...more })) {
    if (value === undefined || value === '') continue;
    query.append(key, String(value));
  }
  query.sort();
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Path and query of a request. `watch` adds `watch=true`. */
export function resourceUrl(target: ResourceTarget, watch = false): string {
  return resourcePath(target) + optionsQuery(target.options, watch ? { watch: 'true' } : undefined);
}
