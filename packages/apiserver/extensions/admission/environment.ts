import {
  type CelType,
  type CelValue,
  celTypes,
  type Declarations,
  fromJson,
  kubernetesLibrary,
  type ObjectType,
} from '@coxswain/cel';
import type { KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, Authorizer } from '../../access/contract.ts';
import { AuthorizerValue, authorizerLibrary, CheckValue } from './authorizer-library.ts';

const { bool, dyn, listOf, mapOf, opaque, string } = celTypes;

/** Everything that expressions about admission may call. */
export const admissionLibrary = kubernetesLibrary.with(authorizerLibrary);

export function objectType(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  return {
    kind: 'object',
    name,
    field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined),
    names: () => Object.keys(fields),
  };
}

const groupVersionKind = objectType('kubernetes.GroupVersionKind', {
  group: string,
  version: string,
  kind: string,
});
const groupVersionResource = objectType('kubernetes.GroupVersionResource', {
  group: string,
  version: string,
  resource: string,
});
const userInfo = objectType('kubernetes.UserInfo', {
  username: string,
  uid: string,
  groups: listOf(string),
  extra: mapOf(string, listOf(string)),
});
const requestType = objectType('kubernetes.AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: string,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: string,
  name: string,
  namespace: string,
  operation: string,
  userInfo,
  dryRun: bool,
  options: dyn,
});
const metadataType = objectType('kubernetes.NamespaceMetadata', {
  name: string,
  generateName: string,
  namespace: string,
  labels: mapOf(string, string),
  annotations: mapOf(string, string),
  UID: string,
  creationTimestamp: celTypes.timestamp,
  deletionGracePeriodSeconds: celTypes.int,
  deletionTimestamp: celTypes.timestamp,
  generation: celTypes.int,
  resourceVersion: string,
  finalizers: listOf(string),
});
const namespaceType = objectType('kubernetes.Namespace', {
  metadata: metadataType,
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: listOf(string) }),
  status: objectType('kubernetes.NamespaceStatus', { phase: string }),
});

/** What expressions may refer to. @param variables the policy's own, in order; `variables` is there if given */
export function declarationsOf(
  options: { readonly params: boolean; readonly namespace: boolean },
  variables?: Readonly<Record<string, CelType>>,
): Declarations {
  const declared = new Map<string, CelType>([
    ['object', dyn],
    ['oldObject', dyn],
    ['request', requestType],
    ['authorizer', opaque('kubernetes.authorization.Authorizer')],
    ['authorizer.requestResource', opaque('kubernetes.authorization.ResourceCheck')],
  ]);
  if (options.namespace) declared.set('namespaceObject', namespaceType);
  if (options.params) declared.set('params', dyn);
  if (variables !== undefined) declared.set('variables', objectType('kubernetes.variables', variables));
  return { functions: admissionLibrary, variables: declared };
}

/** The values that expressions about one request see. */
export function valuesOf(
  a: AdmissionAttributes,
  authorizer: Authorizer,
  namespace: KubeObject | undefined,
  params: KubeObject | undefined,
): Record<string, CelValue> {
  const by = new AuthorizerValue(authorizer, a.user);
  const { group, version, resource } = a.resource;
  return {
    object: fromJson(a.object),
    oldObject: fromJson(a.oldObject),
    request: fromJson(admissionRequest(a), requestType),
    namespaceObject: fromJson(namespace === undefined ? null : visibleNamespace(namespace), namespaceType),
    params: fromJson(params),
    authorizer: by,
    'authorizer.requestResource': new CheckValue('ResourceCheck', by, {
      group,
      version,
      resource,
      subresource: a.subresource,
      namespace: a.namespace,
      name: a.name,
    }),
  };
}

/** The request of an AdmissionReview without its objects. */
export function admissionRequest(a: AdmissionAttributes): Record<string, unknown> {
  const kind = { group: a.kind.group, version: a.kind.version, kind: a.kind.kind };
  const { group, version, resource } = a.resource;
  const { name: username, uid, groups, extra } = a.user;
  return {
    kind,
    resource: { group, version, resource },
    ...(a.subresource === '' ? {} : { subResource: a.subresource, requestSubResource: a.subresource }),
    requestKind: kind,
    requestResource: { group, version, resource },
    ...(a.name === '' ? {} : { name: a.name }),
    ...(a.namespace === '' ? {} : { namespace: a.namespace }),
    operation: a.operation,
    userInfo: {
      username,
      ...(uid === undefined || uid === '' ? {} : { uid }),
      groups,
      ...(extra === undefined ? {} : { extra }),
    },
    dryRun: a.dryRun,
    options: a.options,
  };
}

function visibleNamespace({ metadata, spec, status }: KubeObject): object {
  const { managedFields: _, ownerReferences: __, uid, ...rest } = metadata;
  return { metadata: { ...rest, ...(uid === undefined ? {} : { UID: uid }) }, spec, status };
}
