import { createHash } from 'node:crypto';
import type { DiscoveredResource, ReleasedFacts } from './released-facts.ts';

/** One group and version of the resource table, as `packages/api/facts.ts` reads it. */
export interface ResourceRow {
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly hash?: string;
  /** The version that the hash names; absent when that is this version. */
  readonly stored?: string;
  /** DELETE answers with the object. */
  readonly deleted?: true;
  readonly subresources?: readonly (readonly [name: string, gvk: string, verbs: readonly string[]])[];
}

const versionOf = (gv: string): string => gv.slice(gv.indexOf('/') + 1);
const groupOf = (gv: string): string => (gv.includes('/') ? gv.slice(0, gv.indexOf('/')) : '');

/** Resources with their subresources by `group/version`, in the order of discovery. */
export function resourceTable(facts: ReleasedFacts): Map<string, ResourceRow[]> {
  const table = new Map<string, ResourceRow[]>();
  for (const gv of facts.groupVersions) {
    const listed = facts.resources.get(gv) ?? [];
    const rows = listed.filter((r) => !r.name.includes('/')).map((r) => rowOf(facts, gv, r, listed));
    table.set(gv, rows);
  }
  return table;
}

function rowOf(
  facts: ReleasedFacts,
  gv: string,
  resource: DiscoveredResource,
  listed: readonly DiscoveredResource[],
): ResourceRow {
  const subresources = listed
    .filter((r) => r.name.startsWith(`${resource.name}/`))
    .map((r) => {
      const version = r.version === undefined ? gv : r.group ? `${r.group}/${r.version}` : r.version;
      return [r.name.slice(resource.name.length + 1), `${version}/${r.kind}`, r.verbs] as const;
    });
  const stored = storedVersion(facts, gv, resource);
  return {
    resource: resource.name,
    singular: resource.singularName,
    kind: resource.kind,
    namespaced: resource.namespaced,
    verbs: resource.verbs,
    ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories ? { categories: resource.categories } : {}),
    ...(resource.storageVersionHash ? { hash: resource.storageVersionHash } : {}),
    ...(returnsDeleted(facts, gv, resource) ? { deleted: true } : {}),
    ...(stored === undefined || stored === gv ? {} : { stored }),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function returnsDeleted(facts: ReleasedFacts, gv: string, resource: DiscoveredResource): boolean {
  const root = gv.includes('/') ? `apis/${gv}` : `api/${gv}`;
  const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
  const item = facts.documents.get(root)?.paths[`/${root}${scope}/${resource.name}/{name}`];
  const answer = item?.delete?.responses['200'].content['application/json'].schema.$ref;
  return answer !== undefined && !answer.endsWith('.Status');
}

/**
 * Finds the served `group/version` whose hash discovery shows: the first 8 bytes of SHA-256 of
 * group/version/kind. Undefined when the hash names a version that is no longer served.
 */
function storedVersion(facts: ReleasedFacts, gv: string, resource: DiscoveredResource): string | undefined {
  if (!resource.storageVersionHash) return undefined;
  const tried = [gv, ...facts.groupVersions];
  return tried.find((candidate) => hashOf(candidate, resource.kind) === resource.storageVersionHash);
}

function hashOf(gv: string, kind: string): string {
  const text = `${groupOf(gv)}/${versionOf(gv)}/${kind}`;
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64');
}
