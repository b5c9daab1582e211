import { type KubeObject, StatusError } from '@coxswain/machinery';

/** A resource of one group and version, as the server serves it. */
export interface ResourceMapping {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

/** Reads a path of the server as JSON. */
export type ReadJson = (path: string, accept?: string) => Promise<any>;

const acceptAggregated =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/**
 * Every resource that the server serves, versions of a group in its order of preference; from aggregated discovery,
 * or from servers without it group by group.
 * @param warn told of groups that cannot be read; the others count all the same
 */
export async function discoverResources(
  read: ReadJson,
  warn: (text: string) => void = () => undefined,
): Promise<ResourceMapping[]> {
  const [core, groups] = await Promise.all([read('/api', acceptAggregated), read('/apis', acceptAggregated)]);
  const lists = [core, groups];
  if (lists.every((list) => list.kind === 'APIGroupDiscoveryList')) {
    return lists.flatMap((list) => list.items.flatMap(mappingsOfGroup));
  }
  const versions: (readonly [string, string])[] = [
    ...(core.versions ?? []).map((version: string) => [`/api/${version}`, version] as const),
    ...(groups.groups ?? []).flatMap((group: any) =>
      group.versions.map((each: any) => [`/apis/${each.groupVersion}`, each.groupVersion] as const),
    ),
  ];
  const found = await Promise.all(
    versions.map(async ([path, groupVersion]) => {
      try {
        return mappingsOfList(groupVersion, await read(path));
      } catch (error) {
        // One group that is down must not hide the others.
        if (!(error instanceof StatusError)) throw error;
        warn(`couldn't get resource list for ${groupVersion}: ${error.message}`);
        return [];
      }
    }),
  );
  return found.flat();
}

function mappingsOfGroup(item: any): ResourceMapping[] {
  const group = (item as KubeObject).metadata?.name ?? '';
  return item.versions.flatMap((version: any) =>
    (version.resources ?? []).map(
      (each: any): ResourceMapping => ({
        group,
        version: version.version,
        resource: each.resource,
        kind: each.responseKind?.kind ?? '',
        namespaced: each.scope === 'Namespaced',
        singular: each.singularResource ?? '',
        shortNames: each.shortNames ?? [],
        categories: each.categories ?? [],
        verbs: each.verbs ?? [],
        subresources: (each.subresources ?? []).map((sub: any) => sub.subresource),
      }),
    ),
  );
}

function mappingsOfList(groupVersion: string, list: any): ResourceMapping[] {
  const slash = groupVersion.indexOf('/');
  const group = slash < 0 ? '' : groupVersion.slice(0, slash);
  const all = list.resources as any[];
  return all
    .filter((each) => !each.name.includes('/'))
    .map((each) => ({
      group,
      version: groupVersion.slice(slash + 1),
      resource: each.name,
      kind: each.kind,
      namespaced: each.namespaced,
      singular: each.singularName || each.kind.toLowerCase(),
      shortNames: each.shortNames ?? [],
      categories: each.categories ?? [],
      verbs: each.verbs ?? [],
      subresources: all
        .filter((other) => other.name.startsWith(`${each.name}/`))
        .map((other) => other.name.slice(each.name.length + 1)),
    }));
}
