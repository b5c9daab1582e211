import { type Informer, keyOf } from '@coxswain/controller';
import type { GroupVersionResource, KubeObject } from '@coxswain/machinery';
import type { ControllerContext } from '../shared/context.ts';
import { namespaces } from '../shared/resources.ts';

/** Calls back with a namespace's key when it, or an object of the given name in it, changes. */
export function watchPerNamespace(
  context: ControllerContext,
  ref: GroupVersionResource,
  name: string,
  enqueue: (namespace: string) => void,
): { readonly namespaces: Informer; readonly objects: Informer } {
  const all = context.informers.informer(namespaces);
  const objects = context.informers.informer(ref, { fieldSelector: `metadata.name=${name}` });
  const ofObject = (object: KubeObject): void => enqueue(object.metadata.namespace as string);
  all.addHandler({ onAdd: (n) => enqueue(keyOf(n)), onUpdate: (_, after) => enqueue(keyOf(after)) });
  objects.addHandler({ onUpdate: (_, after) => ofObject(after), onDelete: ofObject });
  return { namespaces: all, objects };
}

/** Whether objects may still be made in the namespace. */
export function isActive(namespace: KubeObject | undefined): boolean {
  return (
    namespace !== undefined &&
    namespace['status']?.phase === 'Active' &&
    !namespace.metadata.deletionTimestamp
  );
}
