import { copyJson, formatTime, type KubeObject, newConflict } from '@coxswain/machinery';
import { objectKey } from '../../storage/keys.ts';
import { type ApiRequest, isDryRun, type Outcome, type RegistryContext } from '../context.ts';
import { parseDeleteOptions } from '../deletion/delete-options.ts';
import { collectionFinalizers } from '../deletion/garbage-collection.ts';
import type { ResourceHooks } from '../hooks.ts';
import { noSuchObject } from '../no-such-object.ts';
import { traitsOf } from '../traits.ts';
import { guaranteedUpdate } from '../write.ts';

/** Namespaces are emptied by their controller before they go: `spec.finalizers` says who has to finish. */
export const namespaceHooks: ResourceHooks = {
  mayDeleteOnUpdate: (namespace) => (namespace['spec']?.finalizers?.length ?? 0) === 0,
  deleteFirst: terminate,
};

async function terminate(
  context: RegistryContext,
  request: ApiRequest,
  found: KubeObject,
): Promise<Outcome | undefined> {
  const { resource } = request;
  const options = parseDeleteOptions(request);
  if (found.metadata.deletionTimestamp !== undefined) {
    if ((found['spec']?.finalizers?.length ?? 0) === 0) return undefined;
    const entry = resource.cache.index.get(objectKey(resource.cache.prefix, '', request.name));
    if (entry === undefined) throw noSuchObject(request);
    return { kind: 'entry', status: 200, entry };
  }
  const key = objectKey(resource.cache.prefix, '', request.name);
  const { entry } = await guaranteedUpdate(context, resource, key, isDryRun(request), (current) => {
    if (current === undefined) throw noSuchObject(request);
    const namespace = copyJson(current.object) as KubeObject;
    checkPreconditions(request, namespace, options.preconditions);
    namespace.metadata.deletionTimestamp ??= formatTime(context.clock.now());
    namespace['status'] = { ...namespace['status'], phase: 'Terminating' };
    const finalizers = collectionFinalizers(traitsOf(resource.groupResource), namespace, options);
    if (finalizers !== undefined) {
      if (finalizers.length === 0) delete namespace.metadata.finalizers;
      else namespace.metadata.finalizers = [...finalizers];
    }
    return namespace;
  });
  return { kind: 'entry', status: 200, entry };
}

function checkPreconditions(
  request: ApiRequest,
  namespace: KubeObject,
  { uid, resourceVersion }: { readonly uid?: string; readonly resourceVersion?: string },
): void {
  const { groupResource } = request.resource;
  if (uid !== undefined && uid !== namespace.metadata.uid) {
    throw newConflict(
      groupResource,
      request.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${namespace.metadata.uid}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== namespace.metadata.resourceVersion) {
    throw newConflict(
      groupResource,
      request.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${namespace.metadata.resourceVersion}`,
    );
  }
}
