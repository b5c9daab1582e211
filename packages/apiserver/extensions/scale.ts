import { typeOfKind } from '@coxswain/api';
import {
  copyJson,
  goQuote,
  type KubeObject,
  managersFromScale,
  managersOfScale,
  newBadRequest,
  newInternalError,
  newMethodNotSupported,
  newNotFound,
  trackUpdate,
} from '@coxswain/machinery';
import { askedScale, rememberScale } from '../registry/asked-scales.ts';
import { decodeObject } from '../registry/body/decode-body.ts';
import { type ApiRequest, type Outcome, plainError, type RegistryContext } from '../registry/context.ts';
import { ensureNamespace } from '../registry/create.ts';
import { writeContext } from '../registry/managed-fields/managed-fields.ts';
import { validateWriteOptions } from '../registry/options/options.ts';
import { patchWith } from '../registry/patch/patch.ts';
import type { PatchTarget } from '../registry/patch/patch-target.ts';
import { applyPatchType } from '../registry/patch/patch-types.ts';
import type { SpecialHandler } from '../registry/specials.ts';
import { checkName, checkUid, objectStrategy, type UpdateStrategy, updateWith } from '../registry/update.ts';
import { liveObject } from '../registry/versions.ts';
import { objectKey } from '../storage/keys.ts';
import { findScaled, type ScalePaths } from './scale-paths.ts';
import { SimplePath } from './simple-path.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/**
 * `scale` of a custom resource, whose replicas are where its definition says.
 * @param versions where that is in each version, by apiVersion
 */
export function customScale(versions: ReadonlyMap<string, ScalePaths>): SpecialHandler {
  const paths = Object.fromEntries(
    [...versions].map(([apiVersion, { specReplicasPath }]) => [
      apiVersion,
      new SimplePath(specReplicasPath).steps,
    ]),
  );
  const scales = new Map([...versions].map(([apiVersion, own]) => [apiVersion, new CustomScale(own, paths)]));
  return async (context, request) => {
    const scale = scales.get(request.resource.apiVersion);
    if (scale === undefined) throw newNotFound(request.resource.groupResource, request.name);
    switch (request.verb) {
      case 'get':
        return { kind: 'object', status: 200, object: scale.shown(await stored(request)) };
      case 'update':
        return scale.update(context, request);
      case 'patch':
        return scale.answer(
          request,
          await patchWith(context, request, scale.target(context, request), () =>
            scale.strategy(context, request),
          ),
        );
      default:
        throw newMethodNotSupported(request.resource.groupResource, request.verb);
    }
  };
}

/** @throws StatusError where something else is on the way or at its end, as Go's accessors tell of it */
function read(object: KubeObject, path: string, wanted: 'int64' | 'string'): unknown {
  const { value, fault } = findScaled(object, path, wanted);
  if (fault !== undefined) throw plainError(fault);
  return value;
}

async function stored(request: ApiRequest): Promise<KubeObject> {
  const { cache, groupResource } = request.resource;
  const entry = cache.index.get(objectKey(cache.prefix, request.namespace, request.name));
  if (entry === undefined) throw newNotFound(groupResource, request.name);
  return shownEntry(request, entry.object);
}

/** A stored object in the version of the request. */
async function shownEntry({ resource }: ApiRequest, stored: KubeObject): Promise<KubeObject> {
  await resource.custom?.prepare([stored]);
  return liveObject(resource, stored);
}

/** Replicas of an object that says nothing of them, for writers who have to: the least there is. */
const unset = -(2 ** 31);

class CustomScale {
  readonly #paths: ScalePaths;
  readonly #spec: SimplePath;

  /** The steps to the replicas, by apiVersion. */
  readonly #steps: Readonly<Record<string, readonly string[]>>;

  constructor(paths: ScalePaths, steps: Readonly<Record<string, readonly string[]>>) {
    this.#paths = paths;
    this.#steps = steps;
    this.#spec = new SimplePath(paths.specReplicasPath);
  }

  /** The scale to be shown; throws where there are no replicas to show. */
  shown(object: KubeObject): KubeObject {
    const scale = this.#of(object, unset);
    if (scale['spec'].replicas === unset) {
      const message = `the spec replicas field ${goQuote(this.#spec.text)} does not exist`;
      throw newInternalError(message);
    }
    return scale;
  }

  /** @param missing the replicas of an object that says nothing of them */
  #of(object: KubeObject, missing = 0): KubeObject {
    const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
    const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = this.#paths;
    const replicas = (read(object, specReplicasPath, 'int64') as number | undefined) ?? missing;
    const current = (read(object, statusReplicasPath, 'int64') as number | undefined) ?? 0;
    const selector = labelSelectorPath === '' ? '' : (read(object, labelSelectorPath, 'string') ?? '');
    const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
    return {
      kind: scaleKind.kind,
      apiVersion: 'autoscaling/v1',
      metadata: JSON.parse(JSON.stringify(metadata)) as KubeObject['metadata'],
      spec: replicas === 0 ? {} : { replicas },
      status: { replicas: current, ...(selector === '' ? {} : { selector }) },
    };
  }

  strategy(context: RegistryContext, request: ApiRequest): UpdateStrategy {
    return {
      ...objectStrategy(context, request),
      createOnUpdate: false,
      tracked: true,
      unconditional: true,
      admitted: {
        asked: askedScale,
        kind: scaleKind,
        of: (object) => this.#of(object),
        onto: (object, scale) => this.#spec.write(object, scale['spec']?.replicas ?? 0),
      },
    };
  }

  async answer(request: ApiRequest, outcome: Outcome): Promise<Outcome> {
    if (outcome.kind !== 'entry') return outcome;
    const object = this.#of(await shownEntry(request, outcome.entry.object));
    return { kind: 'object', status: outcome.status, object };
  }

  async update(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
    validateWriteOptions(request, 'UpdateOptions');
    const scale = decodeObject(request, scaleKind, scaleType());
    ensureNamespace(request, scale);
    checkName(request, scale);
    const outcome = await updateWith(context, request, this.strategy(context, request), (current) => {
      if (current === undefined) throw newNotFound(request.resource.groupResource, request.name);
      checkUid(request, scale, current);
      return this.#scaled(context, request, liveObject(request.resource, current.object), scale);
    });
    return this.answer(request, outcome);
  }

  target(context: RegistryContext, request: ApiRequest): PatchTarget {
    return {
      type: scaleType(),
      kind: scaleKind.kind,
      apiVersion: 'autoscaling/v1',
      view: (stored) => this.#managed(liveObject(request.resource, stored)),
      store: (scale, stored) => {
        if (stored === undefined) throw newBadRequest('a scale cannot be created');
        return this.#scaled(context, request, liveObject(request.resource, stored), scale);
      },
    };
  }

  /** A scale with the managers of the replicas, as patches and applies need it. */
  #managed(stored: KubeObject): KubeObject {
    const scale = this.#of(stored, unset);
    const managers = managersOfScale(stored.metadata.managedFields, this.#steps);
    if (managers !== undefined) scale.metadata.managedFields = managers;
    return scale;
  }

  #scaled(context: RegistryContext, request: ApiRequest, stored: KubeObject, scale: KubeObject): KubeObject {
    const replicas: number = scale['spec']?.replicas ?? 0;
    if (replicas === unset) {
      throw newBadRequest(`the spec replicas field ${goQuote(this.#spec.text)} cannot be empty`);
    }
    const object = copyJson(stored) as KubeObject;
    this.#spec.write(object, replicas);
    const live = this.#managed(stored);
    const { managedFields } = live.metadata;
    const scaleManagers =
      request.patchType === applyPatchType
        ? scale.metadata.managedFields
        : trackUpdate({
            ...writeContext(context, request, scaleType(), 'autoscaling/v1', undefined),
            ignoredFields: undefined,
            live,
            updated: {
              ...scale,
              metadata: { ...scale.metadata, ...(managedFields === undefined ? {} : { managedFields }) },
            },
          }).metadata.managedFields;
    const { apiVersion } = request.resource;
    rememberScale(object, scale, live, scaleManagers);
    const managers = managersFromScale(stored.metadata.managedFields, scaleManagers, this.#steps, apiVersion);
    if (managers === undefined) delete object.metadata.managedFields;
    else object.metadata.managedFields = managers;
    const { resourceVersion } = scale.metadata;
    if (resourceVersion === undefined || resourceVersion === '') delete object.metadata.resourceVersion;
    else object.metadata.resourceVersion = resourceVersion;
    return object;
  }
}

function scaleType(): NonNullable<ReturnType<typeof typeOfKind>> {
  const type = typeOfKind(scaleKind);
  if (type === undefined) throw new Error('scaling: there are no facts of Scale');
  return type;
}
