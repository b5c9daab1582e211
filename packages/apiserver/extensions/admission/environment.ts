import { AuthorizerValue, type CelValue, CheckValue, fromJson } from '@coxswain/cel';
import type { KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, Authorizer } from '../../access/contract.ts';
import { UserAccess } from './user-access.ts';

/** The values that expressions about one request see. */
export function valuesOf(
  a: AdmissionAttributes,
  authorizer: Authorizer,
  namespace: KubeObject | undefined,
  params: KubeObject | undefined,
): Record<string, CelValue> {
  const by = new AuthorizerValue(new UserAccess(authorizer, a.user));
  // Checks are about what was asked for.
  const { group, version, resource } = (a.requested ?? a).resource;
  return {
    object: fromJson(a.object),
    oldObject: fromJson(a.oldObject),
    // Their declared types are for the checker alone: times are texts here.
    request: fromJson(admissionRequest(a)),
    namespaceObject: fromJson(namespace === undefined ? null : visibleNamespace(namespace)),
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

const optionKinds: Readonly<Partial<Record<AdmissionAttributes['operation'], string>>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** The request of an AdmissionReview without its objects. */
export function admissionRequest(a: AdmissionAttributes): Record<string, unknown> {
  const { kind, resource } = a;
  const { kind: requestKind, resource: requestResource } = a.requested ?? a;
  const optionKind = optionKinds[a.operation];
  const { name: username, uid, groups, extra } = a.user;
  return {
    kind: kindOf(kind),
    resource: resourceOf(resource),
    ...(a.subresource === '' ? {} : { subResource: a.subresource, requestSubResource: a.subresource }),
    requestKind: kindOf(requestKind),
    requestResource: resourceOf(requestResource),
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
    options:
      optionKind === undefined ? null : { kind: optionKind, apiVersion: 'meta.k8s.io/v1', ...a.options },
  };
}

const kindOf = ({ group, version, kind }: AdmissionAttributes['kind']) => ({ group, version, kind });
const resourceOf = ({ group, version, resource }: AdmissionAttributes['resource']) => ({
  group,
  version,
  resource,
});

function visibleNamespace({ metadata, spec, status }: KubeObject): object {
  const { managedFields: _, ownerReferences: __, ...rest } = metadata;
  return { metadata: rest, spec, status };
}
