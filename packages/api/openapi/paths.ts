import type { ResourceFact, SubresourceFact } from '@coxswain/machinery';
import { typeOfKind } from '../facts.ts';
import { listDefinition } from './custom.ts';
import { type Action, type OperationSpec, type PathItem, pathItem } from './operation.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const actionOf: Readonly<Record<string, Action>> = {
  get: 'get',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  create: 'post',
  list: 'list',
  deletecollection: 'deletecollection',
};

/**
 * The paths of one resource as the rules make them.
 *
 * @param listKind of a resource that is not built in
 */
export function ruledPaths(resource: ResourceFact, listKind?: string): Map<string, PathItem> {
  const custom = listKind === undefined ? {} : { customList: listDefinition(resource.type.name, listKind) };
  const paths = new Map<string, PathItem>();
  const root =
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scoped = resource.namespaced ? '/namespaces/{namespace}' : '';
  const scope = resource.namespaced ? ['namespace'] : [];
  const add = (path: string, parameters: readonly string[], specs: readonly OperationSpec[]): void => {
    if (specs.length > 0) paths.set(path, pathItem(parameters, specs));
  };
  const own = (verbs: readonly string[], allNamespaces = false): OperationSpec[] =>
    verbs
      .filter((verb) => resource.verbs.includes(verb))
      .map((verb) => ({ ...base(resource), ...custom, action: actionOf[verb] as Action, allNamespaces }));
  const collection = `${scoped}/${resource.resource}`;
  add(`${root}${collection}`, scope, own(['list', 'create', 'deletecollection']));
  add(`${root}${collection}/{name}`, ['name', ...scope], own(['get', 'update', 'patch', 'delete']));
  if (resource.namespaced && resource.verbs.includes('list')) {
    add(`${root}/${resource.resource}`, [], own(['list'], true));
  }
  for (const subresource of resource.subresources.values()) {
    const builtIn = subresourceOperations(resource, subresource);
    // All routes of a custom resource are of its own kind.
    const { kind, nameKind } = base(resource);
    const specs =
      listKind === undefined ? builtIn : builtIn.map((s) => ({ ...s, ...custom, kind, nameKind }));
    add(`${root}${collection}/{name}/${subresource.name}`, ['name', ...scope], specs);
  }
  if (resource.verbs.includes('watch') && listKind === undefined) addWatches(resource, root, add);
  return paths;
}

function addWatches(
  resource: ResourceFact,
  root: string,
  add: (path: string, parameters: readonly string[], specs: readonly OperationSpec[]) => void,
): void {
  const scoped = resource.namespaced ? '/namespaces/{namespace}' : '';
  const scope = resource.namespaced ? ['namespace'] : [];
  const watchlist: OperationSpec = { ...base(resource), action: 'watchlist' };
  add(`${root}/watch${scoped}/${resource.resource}`, scope, [watchlist]);
  if (resource.verbs.includes('get')) {
    const watch: OperationSpec = { ...base(resource), action: 'watch' };
    add(`${root}/watch${scoped}/${resource.resource}/{name}`, ['name', ...scope], [watch]);
  }
  if (resource.namespaced) {
    add(`${root}/watch/${resource.resource}`, [], [{ ...watchlist, allNamespaces: true }]);
  }
}

function base(resource: ResourceFact): Omit<OperationSpec, 'action'> {
  const { group, version, kind } = resource;
  return {
    resource,
    subresource: '',
    kind: { group, version, kind },
    definition: resource.type.name,
    allNamespaces: false,
    nameKind: kind,
    deletedDefinition: resource.returnsDeleted ? resource.type.name : `${meta}.Status`,
  };
}

function subresourceOperations(resource: ResourceFact, subresource: SubresourceFact): OperationSpec[] {
  const own = subresource.kind.kind === resource.kind && subresource.kind.group === resource.group;
  const type = typeOfKind(subresource.kind) ?? (own ? resource.type : undefined);
  if (type === undefined) return [];
  return ['get', 'update', 'patch', 'create']
    .filter((verb) => subresource.verbs.includes(verb))
    .map((verb) => ({
      ...base(resource),
      subresource: subresource.name,
      kind: subresource.kind,
      nameKind: subresource.kind.kind,
      definition: type.name,
      action: actionOf[verb] as Action,
    }));
}
