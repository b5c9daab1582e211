import type { RegistryContext } from '../context.ts';
import type { ServedResource } from '../resource-registry.ts';

/** Removes what is stored under a key, whatever version it has by now; what finalizers hold stays. */
export async function removeUnheld(
  context: RegistryContext,
  cache: ServedResource['cache'],
  key: string,
): Promise<void> {
  for (let entry = cache.index.get(key); entry !== undefined; entry = cache.index.get(key)) {
    if ((entry.object.metadata.finalizers ?? []).length > 0) return;
    const result = await context.store.delete(key, entry.revision);
    await context.watchCache.applied(result.ok ? result.revision : (result.current?.modRevision ?? 0));
    if (result.ok || result.current === undefined) return;
  }
}
