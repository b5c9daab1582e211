import { isDocumentFault } from '@coxswain/api';
import {
  compactJson,
  FieldPath,
  goMapJson,
  goText,
  invalid,
  type KubeObject,
  newConflict,
  newInvalid,
  type Steps,
  writeJson,
} from '@coxswain/machinery';
import type { Entry } from '../../storage/entry.ts';
import { strictWarnings } from '../body/strict-warnings.ts';
import type { ApiRequest, Outcome, RegistryContext } from '../context.ts';
import { ensureNamespace } from '../create.ts';
import { takeSteps } from '../large-objects.ts';
import { noSuchObject } from '../no-such-object.ts';
import { validateWriteOptions } from '../options/options.ts';
import { checkName, objectStrategy, type UpdateStrategy, updateWith } from '../update.ts';
import { applyConfiguration } from './apply.ts';
import { type ReadPatch, readPatch } from './patch-body.ts';
import { decodePatched, objectTarget, type Patched, type PatchTarget } from './patch-target.ts';
import { applyPatchType, mergePatchType, strategicPatchType } from './patch-types.ts';

/** PATCH of an object. */
export async function patchObject(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  return patchWith(context, request, objectTarget(request), (force) =>
    objectStrategy(context, request, force),
  );
}

/** PATCH of an object or of a view of it. */
export async function patchWith(
  context: RegistryContext,
  request: ApiRequest,
  target: PatchTarget,
  strategy: (forceCreate: boolean) => UpdateStrategy,
): Promise<Outcome> {
  validateWriteOptions(request, 'PatchOptions');
  request.audit?.requestBody(() => patchJson(request));
  if (request.patchType === applyPatchType) {
    const apply = applyConfiguration(context, request, target);
    const mayCreate = request.subresource === '';
    const applied = function* (current: Entry | undefined): Steps<KubeObject> {
      const object = placed(request, yield* apply(current));
      if (current === undefined) checkNoUid(request, object);
      return target.store(object, current?.object);
    };
    return updateWith(context, request, strategy(mayCreate), (current) =>
      takeSteps(applied(current), request, current),
    );
  }
  let patch: ReadPatch | undefined;
  return updateWith(context, request, { ...strategy(false), createOnUpdate: false }, (current) => {
    // What is not there is not there, whatever the patch says.
    if (current === undefined) throw noSuchObject(request);
    patch ??= readPatch(request, target.type);
    return takeSteps(patched(request, target, patch, current), request, current);
  });
}

/** Who names a uid means an object that is there. */
function checkNoUid({ resource, name }: ApiRequest, { metadata }: KubeObject): void {
  if ((metadata.uid ?? '') === '') return;
  throw newConflict(
    resource.groupResource,
    name,
    `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`,
  );
}

/** A patch as an audit event shows it: as it came, whatever its media type; undefined where that is no JSON. */
function patchJson({ body }: ApiRequest): string | undefined {
  if (body === undefined) return undefined;
  return 'object' in body ? writeJson(body.object) : compactJson(body.bytes.toString('utf8'));
}

/** A patch may neither rename nor move the object. */
function placed(request: ApiRequest, object: KubeObject): KubeObject {
  ensureNamespace(request, object);
  checkName(request, object);
  return object;
}

function* patched(
  request: ApiRequest,
  target: PatchTarget,
  patch: ReadPatch,
  current: Entry,
): Steps<KubeObject> {
  const view = target.view(current.object);
  yield;
  const result = patch.apply(view);
  yield;
  const validation = request.query['fieldValidation'] ?? '';
  const { object, strictErrors } = yield* decoded(request, target, patch, result, validation !== 'Ignore');
  const faults = [...patch.strictErrors, ...strictErrors];
  if (faults.length > 0) {
    if (validation === 'Strict')
      throw invalidPatch(request, target, patch, result, `strict decoding error: ${faults.join(', ')}`);
    for (const text of strictWarnings(faults)) request.warn(text);
  }
  return target.store(placed(request, object), current.object);
}

function* decoded(
  request: ApiRequest,
  target: PatchTarget,
  patch: ReadPatch,
  result: unknown,
  strict: boolean,
): Steps<Patched> {
  try {
    return yield* decodePatched(request, target, result, strict);
  } catch (error) {
    if (!isDocumentFault(error)) throw error;
    throw invalidPatch(request, target, patch, result, error.message);
  }
}

/** Upstream names neither kind nor object here, but shows a strategic patch, or what another one came to. */
function invalidPatch(
  request: ApiRequest,
  target: PatchTarget,
  patch: ReadPatch,
  result: unknown,
  detail: string,
): Error {
  const shown =
    request.patchType === strategicPatchType
      ? goText(patch.document)
      : shownResult(request, target, patch, result);
  return newInvalid({ group: '', kind: '' }, '', [invalid(FieldPath.root('patch'), shown, detail)]);
}

function shownResult(
  { resource, patchType }: ApiRequest,
  { type }: PatchTarget,
  { document }: ReadPatch,
  result: unknown,
): string {
  // Objects without a type are maps, which are written by the names of their members.
  if (resource.custom !== undefined && type === resource.fact.type) return goMapJson(result);
  return writeJson(sortedWhere(result, patchType === mergePatchType ? document : {}));
}

/** Upstream's library writes by their names the members of what it looked into, and of nothing else. */
function sortedWhere(value: unknown, looked: unknown): unknown {
  if (!isObject(value) || !isObject(looked)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sortedWhere(member, looked[name])]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
