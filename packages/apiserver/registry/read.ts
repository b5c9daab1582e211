import { objectKey } from '../storage/keys.ts';
import { listEntries } from '../storage/lists/list-entries.ts';
import type { ApiRequest, Outcome, RegistryContext } from './context.ts';
import { noSuchObject } from './no-such-object.ts';
import { parseListOptions } from './options/options.ts';
import { checkListVersion, checkReadVersion } from './options/resource-version.ts';
import { compileSelection } from './options/selection.ts';
import { objectsOf } from './versions.ts';

/** GET of one object. Answers at once unless a revision is asked for that has not come yet. */
export function getObject(context: RegistryContext, request: ApiRequest): Outcome | Promise<Outcome> {
  const asked = request.query['resourceVersion'] ?? '';
  if (asked !== '' && asked !== '0') {
    checkReadVersion(asked);
    const revision = Number(asked);
    if (revision > context.watchCache.revision) {
      return context.watchCache.waitUntilFresh(revision).then(() => getNow(request));
    }
  }
  return getNow(request);
}

function getNow(request: ApiRequest): Outcome {
  const { resource } = request;
  const { cache } = resource;
  const entry = cache.index.get(objectKey(cache.prefix, request.namespace, request.name));
  if (entry === undefined) throw noSuchObject(request);
  return { kind: 'entry', status: 200, entry };
}

/** GET of a collection. */
export async function listObjects(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  const { resource } = request;
  const options = parseListOptions(request);
  const selection = compileSelection(resource, request.namespace, request.name, options);
  // Of a list that is continued the token is looked at first; it takes no version beside it.
  if (options.continue === '') checkListVersion(options.resourceVersion);
  const { custom, cache } = resource;
  if (selection.ofVersion === true && custom !== undefined) {
    await context.watchCache.freshen();
    await custom.prepareAll(objectsOf([...cache.index.values(cache.prefix)]));
  }
  const listed = await listEntries(context.watchCache, resource.cache, {
    namespace: selection.scope.namespace,
    name: selection.name,
    ...(selection.matches === undefined ? {} : { matches: selection.matches }),
    ...(selection.labels === undefined ? {} : { labels: selection.labels }),
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  });
  return { kind: 'list', status: 200, listed };
}
