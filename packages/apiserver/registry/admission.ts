import { typeOfKind } from '@coxswain/api';
import type { GroupVersionKind, KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation } from '../access/contract.ts';
import { type ApiRequest, isDryRun } from './context.ts';
import type { ServedResource } from './resource-registry.ts';

const noOptions: Readonly<Record<string, unknown>> = Object.freeze({});

/** CreateOptions and UpdateOptions as they were asked for. */
function writeOptions({ query, dryRun }: ApiRequest): Readonly<Record<string, unknown>> {
  const { fieldManager = '', fieldValidation = '' } = query;
  if (fieldManager === '' && fieldValidation === '' && dryRun.length === 0) return noOptions;
  return {
    ...(dryRun.length === 0 ? {} : { dryRun }),
    ...(fieldManager === '' ? {} : { fieldManager }),
    ...(fieldValidation === '' ? {} : { fieldValidation }),
  };
}

/** What admission sees of a request. */
export function admissionAttributes(
  request: ApiRequest,
  operation: AdmissionOperation,
  parts: {
    readonly name?: string;
    readonly object?: KubeObject;
    readonly oldObject?: KubeObject;
    readonly options?: Readonly<Record<string, unknown>>;
    readonly kind?: AdmissionAttributes['kind'];
    readonly subresource?: string;
  },
): AdmissionAttributes {
  const { fact, custom } = request.resource;
  return {
    operation,
    kind: parts.kind ?? fact,
    resource: fact,
    subresource: parts.subresource ?? request.subresource,
    namespace: request.namespace,
    name: parts.name ?? request.name,
    user: request.user,
    dryRun: isDryRun(request),
    timeout: request.query['timeout'],
    object: parts.object,
    oldObject: parts.oldObject,
    options: parts.options ?? writeOptions(request),
    ...(custom === undefined || parts.kind !== undefined
      ? {}
      : { type: fact.type, normalize: (object: KubeObject) => custom.coerce(object).object }),
    warn: request.warn,
    audit: request.audit,
    webhookTimes: request.webhookTimes,
    served: parts.kind === undefined ? request.resource : servedAs(request.resource, parts.kind),
  };
}

/** What is of another kind than its resource is the same wherever it is served. */
function servedAs(
  resource: ServedResource,
  kind: GroupVersionKind,
): NonNullable<AdmissionAttributes['served']> {
  const same = (object: KubeObject): KubeObject => object;
  return {
    equivalents: (subresource) =>
      resource.equivalents(subresource).map((other) => ({
        ...other,
        kind,
        type: typeOfKind(kind) ?? other.type,
        show: same,
        read: same,
      })),
  };
}
