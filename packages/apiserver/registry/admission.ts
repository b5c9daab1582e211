import type { KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation } from '../access/contract.ts';
import { type ApiRequest, isDryRun } from './context.ts';

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
    object: parts.object,
    oldObject: parts.oldObject,
    options: parts.options ?? writeOptions(request),
    ...(custom === undefined || parts.kind !== undefined
      ? {}
      : { type: fact.type, normalize: (object: KubeObject) => custom.coerce(object).object }),
    warn: request.warn,
    audit: request.audit,
    // What is of another kind than its resource is served by no other resource.
    ...(parts.kind === undefined ? { served: request.resource } : {}),
  };
}
