import { newMethodNotSupported, newTimeout } from '@coxswain/machinery';
import type { ApiRequest, Outcome, RegistryContext } from './context.ts';
import { createObject } from './create.ts';
import { deleteObject } from './deletion/delete.ts';
import { deleteCollection } from './deletion/delete-collection.ts';
import { patchObject } from './patch/patch.ts';
import { getObject, listObjects } from './read.ts';
import { updateObject } from './update.ts';
import { preparedOutcome } from './versions.ts';

/**
 * Does what a request asks, once it is known to be allowed. Reads answer at once where they can. Where other
 * servers write to the same store, what they have acknowledged is seen by every request that comes afterwards.
 */
export function execute(context: RegistryContext, request: ApiRequest): Outcome | Promise<Outcome> {
  const fresh = takesAnyState(request) ? undefined : context.watchCache.freshen();
  const done = fresh === undefined ? perform(context, request) : performFresh(context, request, fresh);
  return request.resource.custom === undefined ? done : shownInVersion(request, done);
}

/** A list counts how long it waited for the newest state. */
function performFresh(context: RegistryContext, request: ApiRequest, fresh: Promise<void>): Promise<Outcome> {
  if (request.verb !== 'list') return fresh.then(() => performWanted(context, request));
  const { counts } = request.resource.cache;
  const { clock } = context;
  const began = clock.monotonic();
  return fresh.then(
    () => {
      counts.readWaits.observe((clock.monotonic() - began) / 1000);
      return perform(context, request);
    },
    (error: unknown) => {
      counts.consistentFailures++;
      throw error;
    },
  );
}

/** A store that was away may have come back after the client was told that the time is over: nothing is to be done then. */
function performWanted(context: RegistryContext, request: ApiRequest): Outcome | Promise<Outcome> {
  if (request.client?.writableEnded === true) {
    throw newTimeout('request did not complete within requested timeout - context deadline exceeded', 0);
  }
  return perform(context, request);
}

/** Objects of custom resources may have to be converted by somebody else. */
async function shownInVersion(request: ApiRequest, done: Outcome | Promise<Outcome>): Promise<Outcome> {
  const outcome = await done;
  await preparedOutcome(request.resource, outcome);
  return outcome;
}

/** A read that names a revision waits for that one; `0` is any. */
function takesAnyState({ verb, query }: ApiRequest): boolean {
  return (verb === 'get' || verb === 'list') && (query['resourceVersion'] ?? '') !== '';
}

function perform(context: RegistryContext, request: ApiRequest): Outcome | Promise<Outcome> {
  if (request.subresource !== '') {
    const handler = context.specials.subresource(request.resource.groupResource, request.subresource);
    if (handler === undefined) throw newMethodNotSupported(request.resource.groupResource, request.verb);
    return handler(context, request);
  }
  switch (request.verb) {
    case 'get':
      return (context.specials.reads(request.resource.groupResource) ?? getObject)(context, request);
    case 'list':
      return (context.specials.reads(request.resource.groupResource) ?? listObjects)(context, request);
    case 'create':
      return (context.specials.creation(request.resource.groupResource) ?? createObject)(context, request);
    case 'update':
      return updateObject(context, request);
    case 'patch':
      return patchObject(context, request);
    case 'delete':
      return deleteObject(context, request);
    case 'deletecollection':
      return deleteCollection(context, request);
    default:
      throw newMethodNotSupported(request.resource.groupResource, request.verb);
  }
}
