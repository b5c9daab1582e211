import type { Client } from '@coxswain/client';
import { apiVersionOf, type GroupVersionResource, StatusError } from '@coxswain/machinery';

/** A resource as discovery shows it. */
export interface ServedResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

/** What discovery came to. */
export interface Discovered {
  /** Every resource in the preferred version of its group. */
  readonly resources: readonly ServedResource[];
  /** Why others are not known, by `group/version`: their server is away. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Every resource in the preferred version of its group. Groups whose server is away are left out. */
export async function discoverResources(client: Client): Promise<readonly ServedResource[]> {
  return (await discover(client)).resources;
}

/** The same, and which groups could not be had. */
export async function discover(client: Client): Promise<Discovered> {
  const read = async (path: string): Promise<Record<string, any>> =>
    JSON.parse(await client.transport.raw(path));
  const versions = [{ group: '', version: 'v1' }];
  for (const group of (await read('/apis'))['groups']) {
    versions.push({ group: group.name, version: group.preferredVersion.version });
  }
  const failures = new Map<string, string>();
  const found = await Promise.all(
    versions.map(async ({ group, version }) => {
      try {
        const list = await read(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
        return resourcesOf(group, version, list['resources']);
      } catch (error) {
        failures.set(apiVersionOf({ group, version }), failureOf(error, group, version));
        return [];
      }
    }),
  );
  return { resources: found.flat(), failures };
}

/** What client-go says of a group version whose server is known to be away. */
function failureOf(error: unknown, group: string, version: string): string {
  if (error instanceof StatusError && error.code === 503) {
    return `stale GroupVersion discovery: ${apiVersionOf({ group, version })}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function resourcesOf(
  group: string,
  version: string,
  entries: readonly Record<string, any>[],
): ServedResource[] {
  return entries
    .filter((entry) => !entry['name'].includes('/'))
    .map(({ name, kind, namespaced, verbs }) => ({
      group,
      version,
      resource: name,
      kind,
      namespaced,
      verbs,
      subresources: entries
        .filter((entry) => entry['name'].startsWith(`${name}/`))
        .map((entry) => entry['name'].slice(name.length + 1)),
    }));
}
