import { applyDefaults, prepareForUpdate, typeOfKind, validateUpdate } from '@coxswain/api';
import {
  copyJson,
  FieldPath,
  invalid,
  type KubeObject,
  managersFromScale,
  managersOfScale,
  newBadRequest,
  newInvalid,
  newMethodNotSupported,
  selectorFromLabelSelector,
  selectorFromSet,
  trackUpdate,
} from '@coxswain/machinery';
import { objectKey } from '../storage/keys.ts';
import { askedScale, rememberScale } from './asked-scales.ts';
import { decodeObject } from './body/decode-body.ts';
import { type ApiRequest, type Outcome, type RegistryContext, timeOf } from './context.ts';
import { ensureNamespace } from './create.ts';
import { writeContext } from './managed-fields/managed-fields.ts';
import { noSuchObject } from './no-such-object.ts';
import { validateWriteOptions } from './options/options.ts';
import { patchWith } from './patch/patch.ts';
import type { PatchTarget } from './patch/patch-target.ts';
import { applyPatchType } from './patch/patch-types.ts';
import { traitsOf } from './traits.ts';
import { checkName, checkUid, type UpdateStrategy, updateWith } from './update.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** `scale` of workloads: replicas alone, as autoscaling/v1 Scale. */
export async function scaleSubresource(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  switch (request.verb) {
    case 'get':
      return { kind: 'object', status: 200, object: scaleOf(read(request)) };
    case 'update':
      return update(context, request);
    case 'patch':
      return asScale(
        await patchWith(context, request, scaleTarget(context, request), () => strategy(context, request)),
      );
    default:
      throw newMethodNotSupported(request.resource.groupResource, request.verb);
  }
}

function read(request: ApiRequest): KubeObject {
  const { cache } = request.resource;
  const entry = cache.index.get(objectKey(cache.prefix, request.namespace, request.name));
  if (entry === undefined) throw noSuchObject(request);
  return entry.object;
}

/** The scale of a workload. */
function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(object['spec']?.selector);
  return {
    kind: scaleKind.kind,
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec:
      object['spec']?.replicas === undefined || object['spec'].replicas === 0
        ? {}
        : { replicas: object['spec'].replicas },
    status: { replicas: object['status']?.replicas ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}

function selectorText(selector: unknown): string {
  if (selector === undefined || selector === null) return '';
  const parts = selector as { matchLabels?: unknown; matchExpressions?: unknown };
  // A replication controller selects by a bare map.
  const compiled =
    parts.matchLabels === undefined && parts.matchExpressions === undefined
      ? selectorFromSet(selector as Record<string, string>)
      : selectorFromLabelSelector(selector as Parameters<typeof selectorFromLabelSelector>[0]);
  return compiled.toString();
}

async function update(context: RegistryContext, request: ApiRequest): Promise<Outcome> {
  validateWriteOptions(request, 'UpdateOptions');
  const type = typeOfKind(scaleKind);
  if (type === undefined) throw new Error('scaling: there are no facts of Scale');
  const scale = decodeObject(request, scaleKind, type);
  ensureNamespace(request, scale);
  checkName(request, scale);
  const outcome = await updateWith(context, request, strategy(context, request), (current) => {
    if (current === undefined) throw noSuchObject(request);
    checkUid(request, scale, current);
    return scaled(context, request, current.object, scale);
  });
  return asScale(outcome);
}

function asScale(outcome: Outcome): Outcome {
  if (outcome.kind !== 'entry') return outcome;
  return { kind: 'object', status: outcome.status, object: scaleOf(outcome.entry.object) };
}

/** The workload with the replicas of a scale; the scale's own metadata are preconditions. */
function scaled(
  context: RegistryContext,
  request: ApiRequest,
  stored: KubeObject,
  scale: KubeObject,
): KubeObject {
  const replicas = scale['spec']?.replicas ?? 0;
  const errors =
    replicas < 0
      ? [invalid(FieldPath.root('spec', 'replicas'), replicas, 'must be greater than or equal to 0')]
      : [];
  if (errors.length > 0)
    throw newInvalid({ group: 'autoscaling', kind: 'Scale' }, scale.metadata.name ?? '', errors);
  const object = copyJson(stored) as KubeObject;
  object['spec'] = { ...object['spec'], replicas };
  trackScale(context, request, stored, scale, object);
  const { resourceVersion } = scale.metadata;
  if (resourceVersion === undefined || resourceVersion === '') delete object.metadata.resourceVersion;
  else object.metadata.resourceVersion = resourceVersion;
  return object;
}

/** Where a workload has its replicas; all built-in ones have them at the same place. */
const replicasPath = ['spec', 'replicas'] as const;

/** A scale with the managers of the replicas, as patches and applies need it. */
function managedScaleOf(request: ApiRequest, stored: KubeObject): KubeObject {
  const scale = scaleOf(stored);
  const managers = managersOfScale(stored.metadata.managedFields, {
    [request.resource.stored.apiVersion]: replicasPath,
  });
  if (managers !== undefined) scale.metadata.managedFields = managers;
  return scale;
}

function managersIn({ metadata }: KubeObject): Pick<KubeObject['metadata'], 'managedFields'> {
  return metadata.managedFields === undefined ? {} : { managedFields: metadata.managedFields };
}

/** Who writes a scale owns the replicas of the workload. */
function trackScale(
  context: RegistryContext,
  request: ApiRequest,
  stored: KubeObject,
  scale: KubeObject,
  object: KubeObject,
): void {
  const type = typeOfKind(scaleKind);
  if (type === undefined) throw new Error('scaling: there are no facts of Scale');
  const { apiVersion } = request.resource.stored;
  const live = managedScaleOf(request, stored);
  const scaleManagers =
    request.patchType === applyPatchType
      ? scale.metadata.managedFields
      : trackUpdate({
          ...writeContext(context, request, type, 'autoscaling/v1', undefined),
          ignoredFields: undefined,
          live,
          updated: { ...scale, metadata: { ...scale.metadata, ...managersIn(live) } },
        }).metadata.managedFields;
  rememberScale(object, scale, live, scaleManagers);
  const managers = managersFromScale(
    stored.metadata.managedFields,
    scaleManagers,
    { [apiVersion]: replicasPath },
    apiVersion,
  );
  if (managers === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = managers;
}

function scaleTarget(context: RegistryContext, request: ApiRequest): PatchTarget {
  const type = typeOfKind(scaleKind);
  if (type === undefined) throw new Error('scaling: there are no facts of Scale');
  return {
    type,
    kind: scaleKind.kind,
    apiVersion: 'autoscaling/v1',
    view: (stored) => managedScaleOf(request, stored),
    store: (scale, stored) => {
      if (stored === undefined) throw newBadRequest('a scale cannot be created');
      applyDefaults(scale, type);
      return scaled(context, request, stored, scale);
    },
  };
}

function strategy(context: RegistryContext, request: ApiRequest): UpdateStrategy {
  const { resource } = request;
  const { fact } = resource.stored;
  return {
    createOnUpdate: false,
    tracked: true,
    admitted: {
      asked: askedScale,
      kind: scaleKind,
      of: scaleOf,
      onto: (object, scale) => {
        object['spec'].replicas = scale['spec']?.replicas ?? 0;
      },
    },
    unconditional: traitsOf(resource.groupResource).unconditionalUpdate,
    prepare: (object, old) => prepareForUpdate(fact, object, old, { now: timeOf(context) }),
    validate: (object, old) => {
      const errors = validateUpdate(fact, object, old);
      if (errors.length > 0) throw newInvalid(fact, object.metadata.name ?? '', errors);
    },
  };
}
