import type { KubeObject } from '@coxswain/machinery';
import type { ApiRequest } from '../../registry/context.ts';

/** What the options of each subresource are named, beside those that all have as texts. */
const flags: ReadonlySet<string> = new Set(['stdin', 'stdout', 'stderr', 'tty']);
const lists: ReadonlySet<string> = new Set(['command', 'ports']);
const texts: ReadonlySet<string> = new Set(['container', 'path']);

/** The options of a connection as the object that admission sees; undefined where they are of no kind. */
export function connectOptions(
  request: ApiRequest,
  query: URLSearchParams,
  path: string,
):
  | { readonly kind: { group: string; version: string; kind: string }; readonly object: KubeObject }
  | undefined {
  const kind = request.resource.fact.subresources.get(request.subresource)?.kind;
  if (kind === undefined) return undefined;
  const { group, version } = kind;
  const object: Record<string, unknown> = {
    kind: kind.kind,
    apiVersion: group === '' ? version : `${group}/${version}`,
  };
  // Options have no metadata; who looks for some finds none, and nobody is shown any.
  Object.defineProperty(object, 'metadata', { value: {}, enumerable: false });
  if (request.subresource === 'proxy') object['path'] = path;
  else {
    for (const name of new Set(query.keys())) {
      if (flags.has(name)) {
        if (/^(1|t|true|T|TRUE|True)$/.test(query.get(name) ?? '')) object[name] = true;
      } else if (name === 'ports') {
        object[name] = query.getAll(name).flatMap((all) => all.split(',').map(Number));
      } else if (lists.has(name)) object[name] = query.getAll(name);
      else if (texts.has(name)) object[name] = query.get(name);
    }
  }
  return { kind: { group, version, kind: kind.kind }, object: object as KubeObject };
}
