import { formatTime, type Int64, type KubeObject, newConflict } from '@coxswain/machinery';
import { Entry } from '../../storage/entry.ts';
import { objectKey } from '../../storage/keys.ts';
import { admissionAttributes } from '../admission.ts';
import type { ApiRequest, Outcome, RegistryContext } from '../context.ts';
import { noSuchObject } from '../no-such-object.ts';
import { traitsOf } from '../traits.ts';
import { fromStored, liveObject } from '../versions.ts';
import { guaranteedUpdate } from '../write.ts';
import { type DeletionOptions, parseDeleteOptions } from './delete-options.ts';
import { collectionFinalizers } from './garbage-collection.ts';

/** DELETE of one object. */
export async function deleteObject(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  const options = parseDeleteOptions(request);
  return deleteNamed(context, options.dryRun ? { ...request, dryRun: ['All'] } : request, options);
}

/**
 * Deletes an object of the request's resource as the options say.
 * @param admitted is told when nobody has anything against it: the first write follows at once
 */
export async function deleteNamed(
  context: RegistryContext,
  request: ApiRequest,
  options: DeletionOptions,
  admitted?: () => void,
): Promise<Outcome> {
  const { resource } = request;
  const key = objectKey(resource.cache.prefix, request.namespace, request.name);
  const found = resource.cache.index.get(key);
  if (found === undefined) throw noSuchObject(request);
  const hooks = context.specials.hooksOf(resource.groupResource);
  const warning = hooks.deletionWarning?.(options);
  if (warning !== undefined) request.warn(warning);
  const validateDeletion = deletionAdmission(context, request, options);
  await validateDeletion(found.object);
  const special = await context.specials
    .hooksOf(resource.groupResource)
    .deleteFirst?.(context, request, found.object);
  if (special !== undefined) return special;
  const plan = planDeletion(context, request, found.object, options);
  if (plan.pending) return answer(request, found, false, options);
  admitted?.();
  let last = found;
  if (plan.graceful || plan.finalizers !== undefined || hasFinalizers(found.object)) {
    const marked = await markForDeletion(context, request, key, options);
    if (marked.done) return answer(request, marked.entry, false, options);
    last = marked.entry;
  }
  if (options.dryRun) return answer(request, last, true, options);
  return removeNow(context, request, key, last, options);
}

function deletionAdmission(
  context: RegistryContext,
  request: ApiRequest,
  { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun }: DeletionOptions,
): (object: KubeObject) => Promise<void> {
  const isConditional = preconditions.uid !== undefined || preconditions.resourceVersion !== undefined;
  const asked = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(isConditional ? { preconditions } : {}),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  };
  // Who deletes a collection names no object.
  const name = request.verb === 'deletecollection' ? '' : request.name;
  return async (object) => {
    await request.resource.custom?.prepare([object]);
    const oldObject = liveObject(request.resource, object);
    const attributes = admissionAttributes(request, 'DELETE', { oldObject, name, options: asked });
    await context.admission.admit(attributes);
    await context.admission.validate(attributes);
  };
}

interface Plan {
  /** Waits already, and this request changes nothing. */
  readonly pending: boolean;
  /** The object is marked with a grace period first. */
  readonly graceful: boolean;
  /** Absent where they stay. */
  readonly finalizers: readonly string[] | undefined;
  readonly marks: { readonly at: string; readonly seconds: Int64; readonly generation?: number } | undefined;
}

/** rest.BeforeDelete: what a deletion does to the object as it is now. */
function planDeletion(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
  options: DeletionOptions,
): Plan {
  const { metadata } = object;
  checkPreconditions(request, object, options);
  const finalizers = collectionFinalizers(traitsOf(request.resource.groupResource), object, options);
  const none: Plan = { pending: false, graceful: false, finalizers, marks: undefined };
  const gracePeriod = context.specials.hooksOf(request.resource.groupResource).gracePeriod;
  if (gracePeriod === undefined) return none;
  if (metadata.deletionTimestamp !== undefined) {
    const left = metadata.deletionGracePeriodSeconds ?? 0;
    if (left === 0) return none;
    const asked = options.gracePeriodSeconds;
    if (asked === undefined || asked >= left) return { ...none, pending: true };
    return { ...none, graceful: true, marks: shortened(metadata.deletionTimestamp, left, asked, context) };
  }
  const seconds = gracePeriod(object, options.gracePeriodSeconds);
  const generation = metadata.generation ?? 0;
  return {
    ...none,
    graceful: true,
    marks: {
      at: formatTime(context.clock.now() + milliseconds(seconds)),
      seconds,
      ...(generation > 0 ? { generation: generation + 1 } : {}),
    },
  };
}

/** A deletion that is brought forward, though not into the past: what was to be graceful stays so for a moment. */
function shortened(
  timestamp: string,
  left: Int64,
  asked: Int64,
  { clock }: RegistryContext,
): { readonly at: string; readonly seconds: Int64 } {
  const now = clock.now();
  const at = Date.parse(timestamp) - milliseconds(left) + milliseconds(asked);
  if (at >= now) return { at: formatTime(at), seconds: asked };
  return { at: formatTime(now), seconds: asked === 0 ? 0 : 1 };
}

/** As Go's durations count them: in nanoseconds of 64 bits, which run over after 292 years. */
function milliseconds(seconds: Int64): number {
  if (seconds < 2 ** 32) return Number(seconds) * 1000;
  return Math.floor(Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n)) / 1_000_000);
}

/** @throws StatusError Conflict unless the object is the one that was meant */
export function checkPreconditions(
  request: ApiRequest,
  object: KubeObject,
  options: Pick<DeletionOptions, 'preconditions'>,
): void {
  const { uid, resourceVersion } = options.preconditions;
  const { fact } = request.resource;
  const kind = { group: fact.group, resource: fact.kind };
  const { metadata } = object;
  if (uid !== undefined && uid !== metadata.uid) {
    throw newConflict(
      kind,
      request.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw newConflict(
      kind,
      request.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** Stores the marks of a deletion. `done`: the object stays for now; else it is to be removed. */
async function markForDeletion(
  context: RegistryContext,
  request: ApiRequest,
  key: string,
  options: DeletionOptions,
): Promise<{ readonly done: boolean; readonly entry: Entry }> {
  const { resource } = request;
  let done = false;
  const { entry } = await guaranteedUpdate(context, resource, key, options.dryRun, (current) => {
    if (current === undefined) throw noSuchObject(request);
    const old = current.object;
    const plan = planDeletion(context, request, old, options);
    if (plan.pending) {
      done = true;
      return current;
    }
    const metadata = { ...old.metadata };
    if (plan.finalizers !== undefined) setFinalizers(metadata, plan.finalizers);
    const waiting = (metadata.finalizers?.length ?? 0) > 0;
    if (plan.marks === undefined) {
      if (!waiting) {
        done = false;
        return current;
      }
      markAsDeleting(metadata, context.clock.now());
    } else {
      metadata.deletionTimestamp = plan.marks.at;
      metadata.deletionGracePeriodSeconds = plan.marks.seconds;
      if (plan.marks.generation !== undefined) metadata.generation = plan.marks.generation;
    }
    done = waiting || (plan.marks !== undefined && plan.marks.seconds > 0);
    return { ...old, metadata };
  });
  return { done, entry };
}

function setFinalizers(metadata: KubeObject['metadata'], finalizers: readonly string[]): void {
  if (finalizers.length === 0) delete metadata.finalizers;
  else metadata.finalizers = [...finalizers];
}

/** For resources without graceful deletion that wait for their finalizers. */
function markAsDeleting(metadata: KubeObject['metadata'], now: number): void {
  const generation = metadata.generation ?? 0;
  if (metadata.deletionTimestamp === undefined && generation > 0) metadata.generation = generation + 1;
  if (metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) > now) {
    metadata.deletionTimestamp = formatTime(now);
  }
  metadata.deletionGracePeriodSeconds = 0;
}

const hasFinalizers = (object: KubeObject): boolean => (object.metadata.finalizers?.length ?? 0) > 0;

/** Removes the object from the store, whatever version it has by now, if the preconditions still hold. */
async function removeNow(
  context: RegistryContext,
  request: ApiRequest,
  key: string,
  last: Entry,
  options: DeletionOptions,
): Promise<Outcome> {
  const { resource } = request;
  let entry = last;
  for (;;) {
    const result = await context.store.delete(key, entry.revision);
    if (result.ok) {
      const wait = context.watchCache.applied(result.revision);
      if (wait !== undefined) await wait;
      const gone = entry.at(result.revision);
      await context.specials.hooksOf(resource.groupResource).afterDelete?.(context, gone.object);
      return answer(request, gone, true, options);
    }
    if (result.current === undefined) {
      if (last.object.metadata.deletionTimestamp !== undefined) return answer(request, last, true, options);
      throw noSuchObject(request);
    }
    await context.watchCache.applied(result.current.modRevision);
    entry = resource.cache.index.get(key) ?? Entry.of(result.current);
    checkPreconditions(request, entry.object, options);
    // Somebody put a finalizer on, or it became graceful: start again from what is there now.
    if (hasFinalizers(entry.object)) return deleteNamed(context, request, options);
  }
}

/**
 * Removes an object whose last finalizer an update took. Undefined when it changed meanwhile and still has
 * finalizers: the update is to be made anew from what is there now.
 */
export async function deleteWithoutFinalizers(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
  current: Entry,
): Promise<Outcome | undefined> {
  const entry = Entry.unstored(current.key, current.value, {
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(current.revision) },
  });
  if (request.dryRun.length === 0) {
    let { revision } = current;
    for (;;) {
      const result = await context.store.delete(current.key, revision);
      if (result.ok) {
        await context.watchCache.applied(result.revision);
        break;
      }
      if (result.current === undefined) break;
      await context.watchCache.applied(result.current.modRevision);
      const now = Entry.of(result.current).object;
      if (hasFinalizers(now)) return undefined;
      revision = result.current.modRevision;
    }
    await context.specials.hooksOf(request.resource.groupResource).afterDelete?.(context, object);
  }
  await request.resource.custom?.prepare([entry.object]);
  return { kind: 'object', status: 200, object: fromStored(request.resource, entry.object) };
}

/** The object, or a Status where the resource answers so and the object is gone. */
function answer(request: ApiRequest, entry: Entry, deleted: boolean, options: DeletionOptions): Outcome {
  const { resource } = request;
  if (!deleted) {
    return { kind: 'entry', status: options.orphanDependents === false ? 202 : 200, entry };
  }
  if (traitsOf(resource.groupResource).returnDeletedObject) return { kind: 'entry', status: 200, entry };
  const { group, resource: plural } = resource.groupResource;
  return {
    kind: 'object',
    status: 200,
    object: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name: request.name,
        ...(group === '' ? {} : { group }),
        kind: plural,
        uid: entry.object.metadata.uid,
      },
    },
  };
}
