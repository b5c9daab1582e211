import type { Declarations } from '../checker.ts';
import { kubernetesLibrary } from '../library/kubernetes.ts';
import type { CelType, ObjectType } from '../types.ts';
import * as types from '../types.ts';
import { authorizerLibrary } from './authorizer.ts';

/** Everything that expressions about admission may call. */
export const admissionLibrary = kubernetesLibrary.with(authorizerLibrary);

/** An object with these fields. */
export function objectType(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  return {
    kind: 'object',
    name,
    field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined),
    names: () => Object.keys(fields),
  };
}

const groupVersionKind = objectType('kubernetes.GroupVersionKind', {
  group: types.string,
  version: types.string,
  kind: types.string,
});
const groupVersionResource = objectType('kubernetes.GroupVersionResource', {
  group: types.string,
  version: types.string,
  resource: types.string,
});
const userInfo = objectType('kubernetes.UserInfo', {
  username: types.string,
  uid: types.string,
  groups: types.listOf(types.string),
  extra: types.mapOf(types.string, types.listOf(types.string)),
});
/** The request of an AdmissionReview without its objects. */
export const requestType = objectType('kubernetes.AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: types.string,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: types.string,
  name: types.string,
  namespace: types.string,
  operation: types.string,
  userInfo,
  dryRun: types.bool,
  options: types.dyn,
});
const metadataType = objectType('kubernetes.NamespaceMetadata', {
  name: types.string,
  generateName: types.string,
  namespace: types.string,
  labels: types.mapOf(types.string, types.string),
  annotations: types.mapOf(types.string, types.string),
  UID: types.string,
  creationTimestamp: types.timestamp,
  deletionGracePeriodSeconds: types.int,
  deletionTimestamp: types.timestamp,
  generation: types.int,
  resourceVersion: types.string,
  finalizers: types.listOf(types.string),
});
const conditionType = objectType('kubernetes.NamespaceCondition', {
  status: types.string,
  type: types.string,
  lastTransitionTime: types.timestamp,
  message: types.string,
  reason: types.string,
});
/** What expressions see of a namespace. */
const namespaceType = objectType('kubernetes.Namespace', {
  metadata: metadataType,
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: types.listOf(types.string) }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: types.listOf(conditionType),
    phase: types.string,
  }),
});

/** What is known of an admission's objects, where more is than that they are some objects. */
export interface KnownTypes {
  readonly object: CelType;
  readonly params?: CelType | undefined;
}

/**
 * What expressions may refer to.
 * @param options `authorizer` is there unless said otherwise
 * @param variables the policy's own, in order; `variables` is there if given
 */
export function declarationsOf(
  options: { readonly params: boolean; readonly authorizer?: boolean },
  variables?: Readonly<Record<string, CelType>>,
  known?: KnownTypes,
): Declarations {
  const declared = new Map<string, CelType>([
    ['object', known?.object ?? types.dyn],
    ['oldObject', known?.object ?? types.dyn],
    ['namespaceObject', namespaceType],
    ['request', requestType],
  ]);
  if (options.authorizer !== false) {
    declared.set('authorizer', types.opaque('kubernetes.authorization.Authorizer'));
    declared.set('authorizer.requestResource', types.opaque('kubernetes.authorization.ResourceCheck'));
  }
  if (options.params) declared.set('params', known?.params ?? types.dyn);
  if (variables !== undefined) declared.set('variables', objectType('kubernetes.variables', variables));
  return { functions: admissionLibrary, variables: declared };
}
