import {
  FieldPath,
  type GroupResource,
  type GroupVersionKind,
  invalid,
  type KubeObject,
  keepManagedTimes,
  newBadRequest,
  newConflict,
  newForbidden,
  newInvalid,
  type Steps,
} from '@coxswain/machinery';
import type { AdmissionAttributes } from '../access/contract.ts';
import type { Entry } from '../storage/entry.ts';
import { objectKey } from '../storage/keys.ts';
import { admissionAttributes } from './admission.ts';
import { decodeObjectInSteps } from './body/decode-body.ts';
import { type ApiRequest, isDryRun, type Outcome, type RegistryContext, timeOf } from './context.ts';
import { beforeCreate, dedupeOwnerReferences, ensureNamespace } from './create.ts';
import { deleteWithoutFinalizers } from './deletion/delete.ts';
import { takeSteps, turnOfOthers } from './large-objects.ts';
import { trackWrite } from './managed-fields/managed-fields.ts';
import { noSuchObject } from './no-such-object.ts';
import { validateWriteOptions } from './options/options.ts';
import { parseObjectVersion } from './options/resource-version.ts';
import { applyPatchType } from './patch/patch-types.ts';
import { permit, prepareForUpdate, validateUpdate } from './resource-strategy.ts';
import { traitsOf } from './traits.ts';
import { liveCustomObject, storedLater, toStored } from './versions.ts';
import { guaranteedUpdate } from './write.ts';

/** What the caller did not see coming: upstream's text for a stale resourceVersion. */
const optimisticLockText =
  'the object has been modified; please apply your changes to the latest version and try again';

/** A subresource of a kind of its own, as admission sees it. */
export interface AdmittedView {
  readonly kind: GroupVersionKind;
  /** As validating admission sees it. */
  of(object: KubeObject): KubeObject;
  /** As mutating admission sees it: what the client asked for that made an object, and what was there. */
  asked(object: KubeObject): { readonly object: KubeObject; readonly oldObject: KubeObject };
  /** Takes over what admission changed. */
  onto(object: KubeObject, view: KubeObject): void;
}

/** How the object and its subresources differ in an update. */
export interface UpdateStrategy {
  /** May an update create what is not there. */
  readonly createOnUpdate: boolean;
  readonly unconditional: boolean;
  /** The wanted state has its managedFields already. */
  readonly tracked?: boolean;
  /** What admission sees of an object and may change; absent: the object itself. */
  readonly admitted?: AdmittedView;
  prepare(object: KubeObject, old: KubeObject): void;
  /** Throws when the new state is not valid. */
  validate(object: KubeObject, old: KubeObject): void;
}

/** The strategy of an object itself. */
export function objectStrategy(
  context: RegistryContext,
  request: ApiRequest,
  forceCreate = false,
): UpdateStrategy {
  const { resource } = request;
  const traits = traitsOf(resource.groupResource);
  return {
    createOnUpdate: forceCreate || traits.createOnUpdate,
    unconditional: traits.unconditionalUpdate,
    prepare: (object, old) => prepareForUpdate(resource, object, old, timeOf(context)),
    validate: (object, old) => {
      const hooks = context.specials.hooksOf(resource.groupResource);
      for (const text of validateUpdate(resource, object, old, hooks, request.warn)) request.warn(text);
    },
  };
}

/** PUT of an object. */
export async function updateObject(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  validateWriteOptions(request, 'UpdateOptions');
  const first = takeSteps(wanted(request), request);
  const begun = first instanceof Promise ? await first : first;
  return updateWith(context, request, objectStrategy(context, request), (current, attempt) => {
    const checked = (object: KubeObject): KubeObject => {
      checkUid(request, object, current);
      return object;
    };
    if (attempt === 0) return checked(begun);
    // An attempt changes its object: the next one starts from the body again.
    const again = takeSteps(wanted(request), request);
    return again instanceof Promise ? again.then(checked) : checked(again);
  });
}

/** The object of the body, in the stored version. */
function* wanted(request: ApiRequest): Steps<KubeObject> {
  const { resource } = request;
  const decoded = yield* decodeObjectInSteps(request, resource.fact, resource.fact.type);
  ensureNamespace(request, decoded);
  checkName(request, decoded);
  return toStored(resource, decoded);
}

/** The name in the body must be that of the path. */
export function checkName(request: ApiRequest, object: KubeObject): void {
  const { name } = object.metadata;
  if ((name ?? '') === '') {
    throw newBadRequest(
      `the name of the object (${request.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (name !== request.name) {
    throw newBadRequest(
      `the name of the object (${name}) does not match the name on the URL (${request.name})`,
    );
  }
}

/** A uid in the body is a precondition. */
export function checkUid(request: ApiRequest, object: KubeObject, current: Entry | undefined): void {
  const { uid } = object.metadata;
  if ((uid ?? '') === '') return;
  const there = current?.object.metadata.uid ?? '';
  if (there === uid) return;
  const key = objectKey(request.resource.cache.prefix, request.namespace, request.name);
  throw failedPrecondition(request.resource.groupResource, request.name, key, 'UID', uid!, there);
}

/** What the storage says of an object that is not the one that was meant. */
export function failedPrecondition(
  resource: GroupResource,
  name: string,
  key: string,
  what: 'UID' | 'ResourceVersion',
  wanted: string,
  there: string,
): Error {
  return newConflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ` +
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${there}`,
  );
}

/**
 * rest.Update: makes the new state from the current one, runs admission, preparation and validation, and
 * stores it, or deletes the object when this update took its last finalizer.
 * @param desired gives the wanted state, of built-in resources in the stored version; called again when somebody
 *   was faster
 */
export async function updateWith(
  context: RegistryContext,
  request: ApiRequest,
  strategy: UpdateStrategy,
  desired: (current: Entry | undefined, attempt: number) => KubeObject | Promise<KubeObject>,
): Promise<Outcome> {
  const { resource } = request;
  const hooks = context.specials.hooksOf(resource.groupResource);
  const dryRun = isDryRun(request);
  const key = objectKey(resource.cache.prefix, request.namespace, request.name);
  let attempt = 0;
  let emptied: { readonly object: KubeObject; readonly current: Entry } | undefined;
  let old: KubeObject | undefined;
  let undo: (() => void | Promise<void>) | undefined;
  try {
    const { entry, created } = await guaranteedUpdate(context, resource, key, dryRun, async (current) => {
      await undo?.();
      undo = undefined;
      emptied = undefined;
      if (current === undefined) {
        if (!strategy.createOnUpdate) throw noSuchObject(request);
        const object = await desired(undefined, attempt++);
        undo = await createOnUpdate(context, request, object, dryRun);
        old = undefined;
        return storedLater(resource, object);
      }
      const { custom } = resource;
      old = custom === undefined ? current.object : await liveCustomObject(custom, request, current);
      const object = await desired(current, attempt++);
      undo = await prepareUpdate(context, request, strategy, { object, old, current, dryRun });
      if (shouldDelete(object, old) && (hooks.mayDeleteOnUpdate?.(object) ?? true)) {
        emptied = { object, current };
        return current;
      }
      return storedLater(resource, object);
    });
    if (emptied !== undefined) {
      const gone = await deleteWithoutFinalizers(context, request, emptied.object, emptied.current);
      if (gone !== undefined) return gone;
      await undo?.();
      undo = undefined;
      return await updateWith(context, request, strategy, desired);
    }
    if (dryRun) await undo?.();
    else if (!created && old !== undefined && request.subresource === '') {
      await hooks.afterUpdate?.(context, entry.object, old);
    }
    return { kind: 'entry', status: created ? 201 : 200, entry };
  } catch (error) {
    await undo?.();
    throw error;
  }
}

async function createOnUpdate(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
  dryRun: boolean,
): Promise<(() => void | Promise<void>) | undefined> {
  const attributes = admissionAttributes(request, 'CREATE', { object });
  const decision = await context.authorize({
    user: request.user,
    verb: 'create',
    resourceRequest: true,
    path: '',
    group: request.resource.fact.group,
    version: request.resource.fact.version,
    resource: request.resource.fact.resource,
    subresource: request.subresource,
    namespace: request.namespace,
    name: request.name,
  });
  if (decision.decision !== 'allow') {
    throw newForbidden(request.resource.groupResource, request.name, decision.reason);
  }
  // An apply has noted its fields already.
  if (request.patchType !== applyPatchType) await trackWrite(context, request, undefined, object);
  request.resource.custom?.checkCreate(request.name);
  await context.admission.admit(attributes);
  const undo = await context.specials
    .hooksOf(request.resource.groupResource)
    .beginCreate?.(context, request, object, dryRun);
  try {
    beforeCreate(context, request, object);
    await permit(context, request, object);
    await context.admission.validate(attributes);
  } catch (error) {
    await undo?.();
    throw error;
  }
  return undo;
}

function updateAttributes(
  request: ApiRequest,
  { admitted }: UpdateStrategy,
  object: KubeObject,
  oldObject: KubeObject,
): AdmissionAttributes {
  if (admitted === undefined) return admissionAttributes(request, 'UPDATE', { object, oldObject });
  return admissionAttributes(request, 'UPDATE', { kind: admitted.kind, ...admitted.asked(object) });
}

/** The same for the validating admission, which sees what an object has become. */
function validatedAttributes(
  mutated: AdmissionAttributes,
  { admitted }: UpdateStrategy,
  object: KubeObject,
  oldObject: KubeObject,
): AdmissionAttributes {
  if (admitted === undefined) return mutated;
  return { ...mutated, object: admitted.of(object), oldObject: admitted.of(oldObject) };
}

/** One try of an update; it is made anew when the object has changed meanwhile. */
interface UpdateAttempt {
  /** As it is to be; changed in place. */
  readonly object: KubeObject;
  readonly old: KubeObject;
  /** What `old` was read from. */
  readonly current: Entry;
  readonly dryRun: boolean;
}

/** Admission, the checks of versions, rest.BeforeUpdate and the validating admission. */
async function prepareUpdate(
  context: RegistryContext,
  request: ApiRequest,
  strategy: UpdateStrategy,
  { object, old, current, dryRun }: UpdateAttempt,
): Promise<(() => void | Promise<void>) | undefined> {
  const { resource } = request;
  const hooks = context.specials.hooksOf(resource.groupResource);
  if (request.patchType !== applyPatchType && strategy.tracked !== true) {
    const tracked = trackWrite(context, request, old, object, current);
    if (tracked !== undefined) await tracked;
  }
  if (request.verb !== 'patch') dedupeOwnerReferences(request, object, false);
  const attributes = updateAttributes(request, strategy, object, old);
  const admitted = context.admission.admit(attributes);
  if (admitted !== undefined) await admitted;
  if (attributes.object !== undefined) strategy.admitted?.onto(object, attributes.object);
  dedupeOwnerReferences(request, object, true);
  checkVersion(request, strategy, object, current);
  const own = request.subresource === '';
  const undo = own ? await hooks.beginUpdate?.(context, request, object, old, dryRun) : undefined;
  try {
    ensureNamespace(request, object);
    beforeUpdate(strategy, object, old);
    const turn = turnOfOthers(request, current);
    if (turn !== undefined) await turn;
    strategy.validate(object, old);
    const permitted = permit(context, request, object, old);
    if (permitted !== undefined) await permitted;
    const checked = turnOfOthers(request, current);
    if (checked !== undefined) await checked;
    keepTimes(object, old);
    const validated = context.admission.validate(validatedAttributes(attributes, strategy, object, old));
    if (validated !== undefined) await validated;
    const end = turnOfOthers(request, current);
    if (end !== undefined) await end;
  } catch (error) {
    await undo?.();
    throw error;
  }
  return undo;
}

function checkVersion(
  request: ApiRequest,
  strategy: UpdateStrategy,
  object: KubeObject,
  current: Entry,
): void {
  const version = parseObjectVersion(object.metadata.resourceVersion ?? '');
  const { groupResource } = request.resource;
  if (version === 0) {
    if (strategy.unconditional) {
      object.metadata.resourceVersion = String(current.revision);
      return;
    }
    throw newInvalid({ group: groupResource.group, kind: groupResource.resource }, request.name, [
      invalid(FieldPath.root('metadata', 'resourceVersion'), 0, 'must be specified for an update'),
    ]);
  }
  if (version !== current.revision) throw newConflict(groupResource, request.name, optimisticLockText);
}

function beforeUpdate(strategy: UpdateStrategy, object: KubeObject, old: KubeObject): void {
  const { generation } = old.metadata;
  if (generation === undefined) delete object.metadata.generation;
  else object.metadata.generation = generation;
  // Nothing is stored with it.
  if (object.metadata.selfLink !== undefined) delete object.metadata.selfLink;
  strategy.prepare(object, old);
}

/** A write that would change nothing but times in managedFields changes nothing. */
function keepTimes(object: KubeObject, old: KubeObject): void {
  const { managedFields } = keepManagedTimes(old, object).metadata;
  if (managedFields !== undefined) object.metadata.managedFields = managedFields;
}

function shouldDelete(object: KubeObject, old: KubeObject): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0) return false;
  if (old.metadata.deletionTimestamp === undefined) return false;
  return (old.metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
