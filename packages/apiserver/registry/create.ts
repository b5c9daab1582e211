import { isAlreadyExists, type KubeObject, newBadRequest, newStatusError } from '@coxswain/machinery';
import type { Entry } from '../storage/entry.ts';
import { objectKey } from '../storage/keys.ts';
import { admissionAttributes } from './admission.ts';
import { decodeObjectInSteps } from './body/decode-body.ts';
import {
  type ApiRequest,
  isDryRun,
  type Outcome,
  plainError,
  type RegistryContext,
  timeOf,
} from './context.ts';
import { generateName } from './generate-name.ts';
import { takeSteps, turnOfOthers } from './large-objects.ts';
import { trackCreate } from './managed-fields/managed-fields.ts';
import { validateWriteOptions } from './options/options.ts';
import { permit, prepareForCreate, validateCreate } from './resource-strategy.ts';
import { storedLater, toStored } from './versions.ts';
import { writeNew } from './write.ts';

/** How often a generated name is tried when it is taken. */
const generatedNameTries = 8;

/** POST to a collection. */
export async function createObject(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  validateWriteOptions(request, 'CreateOptions');
  const { resource } = request;
  const decoding = takeSteps(decodeObjectInSteps(request, resource.fact, resource.fact.type), request);
  const decoded = decoding instanceof Promise ? await decoding : decoding;
  ensureNamespace(request, decoded);
  const entry = await admitAndCreate(context, request, toStored(resource, decoded));
  return { kind: 'entry', status: 201, entry };
}

/** Everything of a creation after decoding; built-in objects are in the stored version, custom ones in the request's. */
async function admitAndCreate(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
): Promise<Entry> {
  const tracked = trackCreate(context, request, object);
  if (tracked !== undefined) await tracked;
  dedupeOwnerReferences(request, object, false);
  request.resource.custom?.checkCreate(object.metadata.name ?? '');
  const attributes = admissionAttributes(request, 'CREATE', { name: object.metadata.name ?? '', object });
  const admitted = context.admission.admit(attributes);
  if (admitted !== undefined) await admitted;
  dedupeOwnerReferences(request, object, true);
  return createAdmitted(context, request, object);
}

/** Prepares, validates and stores a new object. */
async function createAdmitted(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
): Promise<Entry> {
  const base = object.metadata.generateName ?? '';
  const generated = base !== '' && (object.metadata.name ?? '') === '';
  const tries = generated ? generatedNameTries : 1;
  for (let attempt = 1; ; attempt++) {
    if (generated) object.metadata.name = generateName(base, context.random);
    try {
      return await createNamed(context, request, object);
    } catch (error) {
      if (!isAlreadyExists(error) || attempt < tries) {
        if (isAlreadyExists(error) && generated) continue;
        throw error;
      }
      throw base !== '' ? generatedNameTaken(request, object, error.status.message ?? '') : error;
    }
  }
}

async function createNamed(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
): Promise<Entry> {
  const { resource } = request;
  const dryRun = isDryRun(request);
  const hooks = context.specials.hooksOf(resource.groupResource);
  const undo = await hooks.beginCreate?.(context, request, object, dryRun);
  try {
    const begun = turnOfOthers(request);
    if (begun !== undefined) await begun;
    beforeCreate(context, request, object);
    const permitted = permit(context, request, object);
    if (permitted !== undefined) await permitted;
    const validated = context.admission.validate(
      admissionAttributes(request, 'CREATE', { name: object.metadata.name ?? '', object }),
    );
    if (validated !== undefined) await validated;
    const turn = turnOfOthers(request);
    if (turn !== undefined) await turn;
    const key = objectKey(resource.cache.prefix, request.namespace, object.metadata.name as string);
    const stored = resource.custom === undefined ? object : await storedLater(resource, object);
    const entry = await writeNew(context, resource, key, stored, dryRun);
    if (dryRun) await undo?.();
    return entry;
  } catch (error) {
    await undo?.();
    throw error;
  }
}

/** rest.BeforeCreate: system fields, the resource's own preparation, validation. */
export function beforeCreate(context: RegistryContext, request: ApiRequest, object: KubeObject): void {
  const { metadata } = object;
  ensureNamespace(request, object);
  // What is no version at all says nothing of one. It is the storage that refuses, which a dry run does not reach.
  if (/^0*[1-9]\d*$/.test(metadata.resourceVersion ?? '') && !isDryRun(request)) {
    throw plainError('resourceVersion should not be set on objects to be created');
  }
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  const now = timeOf(context);
  metadata.creationTimestamp = now;
  metadata.uid = context.uid();
  prepareForCreate(request.resource, object, now);
  const hooks = context.specials.hooksOf(request.resource.groupResource);
  for (const text of validateCreate(request.resource, object, hooks)) request.warn(text);
}

/** The namespace of the object is that of the path. */
export function ensureNamespace(request: ApiRequest, object: KubeObject): void {
  const { metadata } = object;
  if (!request.resource.fact.namespaced) {
    if (request.resource.fact.resource !== 'namespaces') delete metadata.namespace;
    return;
  }
  if ((metadata.namespace ?? '') === '') metadata.namespace = request.namespace;
  else if (metadata.namespace !== request.namespace) {
    throw newBadRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

/** Equal owner references are one. @param admitted whether mutating admission has seen the object */
export function dedupeOwnerReferences(request: ApiRequest, object: KubeObject, admitted: boolean): void {
  const owners = object.metadata.ownerReferences;
  if (owners === undefined || owners.length < 2) return;
  const seen = new Set<string>();
  const duplicates: string[] = [];
  const kept = owners.filter((owner) => {
    const text = JSON.stringify(owner);
    if (!seen.has(text)) return seen.add(text);
    if (!duplicates.includes(owner.uid)) duplicates.push(owner.uid);
    return false;
  });
  if (duplicates.length === 0) return;
  object.metadata.ownerReferences = kept;
  request.warn(
    `.metadata.ownerReferences contains duplicate entries${admitted ? ' after mutating admission happens' : ''}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  );
}

function generatedNameTaken(request: ApiRequest, object: KubeObject, message: string): Error {
  const { group, resource } = request.resource.groupResource;
  return newStatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${message}, the server was not able to generate a unique name for the object`,
    details: {
      name: object.metadata.name ?? '',
      ...(group === '' ? {} : { group }),
      kind: resource,
      retryAfterSeconds: 1,
    },
  });
}
