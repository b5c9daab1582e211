import type { Client } from '@coxswain/client';
import type { GroupVersionResource } from '@coxswain/machinery';

/** A resource as discovery shows it. */
export interface ServedResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

/** Every resource in the preferred version of its group. Groups whose server is away are left out. */
export async function discoverResources(client: Client): Promise<ServedResource[]> {
  const read = async (path: string): Promise<Record<string, any>> =>
    JSON.parse(await client.transport.raw(path));
  const versions = [{ group: '', version: 'v1' }];
  for (const group of (await read('/apis'))['groups']) {
    versions.push({ group: group.name, version: group.preferredVersion.version });
  }
  const found = await Promise.allSettled(
    versions.map(async ({ group, version }) => {
      const list = await read(group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
      return resourcesOf(group, version, list['resources']);
    }),
  );
  return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
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
