import {
  copyJson,
  formatTime,
  isNotFound,
  type KubeObject,
  newConflict,
  newNotFound,
} from '@coxswain/machinery';
import { type ApiRequest, isDryRun, type Outcome, type RegistryContext } from '../registry/context.ts';
import { deleteNamed } from '../registry/deletion/delete.ts';
import { type DeletionOptions, parseDeleteOptions } from '../registry/deletion/delete-options.ts';
import type { ResourceHooks } from '../registry/hooks.ts';
import type { ServedResource } from '../registry/resource-registry.ts';
import { updateWith } from '../registry/update.ts';
import { guaranteedUpdate } from '../registry/write.ts';
import { objectKey } from '../storage/keys.ts';
import { type Condition, cleanupFinalizer, type Definition } from './definition.ts';
import { ownRequest, setCondition } from './definition-status.ts';
import { validateDefinition } from './validation/definition.ts';
import { definitionWarnings } from './validation/warnings.ts';

/** A definition goes when its objects are gone: a finalizer holds it until then. */
export const definitionHooks: ResourceHooks = {
  deleteFirst: beginDeletion,
  validate: (object, old) => validateDefinition(object as Definition, old as Definition | undefined),
  warnings: (object, old) => definitionWarnings(object as Definition, old as Definition | undefined),
};

const deletionPending: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};

export const deletionInProgress: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

export const instancesDeleted: Condition = {
  type: 'Terminating',
  status: 'False',
  reason: 'InstanceDeletionCompleted',
  message: 'removed all instances',
};

export const neverEstablished: Condition = {
  type: 'Terminating',
  status: 'False',
  reason: 'NeverEstablished',
  message: 'resource was never established',
};

async function beginDeletion(
  context: RegistryContext,
  request: ApiRequest,
  found: KubeObject,
): Promise<Outcome | undefined> {
  const { preconditions } = parseDeleteOptions(request);
  checkPreconditions(request, found, preconditions);
  if (found.metadata.deletionTimestamp !== undefined) return undefined;
  const { resource } = request;
  const key = objectKey(resource.cache.prefix, '', request.name);
  const { entry } = await guaranteedUpdate(context, resource, key, isDryRun(request), (current) => {
    if (current === undefined) throw newNotFound(resource.groupResource, request.name);
    const definition = copyJson(current.object) as KubeObject;
    const { metadata } = definition;
    checkPreconditions(request, definition, preconditions);
    metadata.deletionTimestamp ??= formatTime(context.clock.now());
    const finalizers = metadata.finalizers ?? [];
    if (!finalizers.includes(cleanupFinalizer)) metadata.finalizers = [...finalizers, cleanupFinalizer];
    setCondition(context, definition as Definition, deletionPending);
    return definition;
  });
  return { kind: 'entry', status: 200, entry };
}

/** Definitions tell of it in words of their own. */
function checkPreconditions(
  { resource, name }: ApiRequest,
  { metadata }: KubeObject,
  { uid, resourceVersion }: DeletionOptions['preconditions'],
): void {
  const check = (what: string, wanted: string | undefined, there: string | undefined): void => {
    if (wanted === undefined || wanted === there) return;
    const text = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${there}`;
    throw newConflict(resource.groupResource, name, text);
  };
  check('UID', uid, metadata.uid);
  check('ResourceVersion', resourceVersion, metadata.resourceVersion);
}

/** Deletes all objects of a custom resource; gives how many still wait for their finalizers. */
export async function deleteInstances(context: RegistryContext, resource: ServedResource): Promise<number> {
  const { cache } = resource;
  for (const entry of [...cache.index.values(cache.prefix)]) {
    if (entry.object.metadata.deletionTimestamp !== undefined) continue;
    const request = ownRequest(resource, 'delete', cache.nameOf(entry.key), cache.namespaceOf(entry.key));
    try {
      await deleteNamed(context, request, parseDeleteOptions(request));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return cache.index.size;
}

/** Takes the finalizer off a definition whose objects are gone; it goes unless something else holds it. */
export async function releaseDefinition(
  context: RegistryContext,
  resource: ServedResource,
  name: string,
  condition: Condition,
): Promise<void> {
  const request = ownRequest(resource, 'update', name, '', 'status');
  const strategy = { createOnUpdate: false, unconditional: true, prepare: () => {}, validate: () => {} };
  await updateWith(context, request, strategy, (current) => {
    const definition = copyJson(current?.object) as KubeObject;
    const left = (definition.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer);
    if (left.length === 0) delete definition.metadata.finalizers;
    else definition.metadata.finalizers = left;
    setCondition(context, definition as Definition, condition);
    return definition;
  });
}
