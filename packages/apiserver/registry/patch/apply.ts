import { type Decoded, decodeYaml, isDocumentFault } from '@coxswain/api';
import {
  applyServerSideInSteps,
  configurationName,
  copyJson,
  jsonTypeName,
  type KubeObject,
  newBadRequest,
  parseApiVersion,
  type Steps,
} from '@coxswain/machinery';
import type { Entry } from '../../storage/entry.ts';
import { strictWarnings } from '../body/strict-warnings.ts';
import { type ApiRequest, plainError, type RegistryContext } from '../context.ts';
import { writeContext } from '../managed-fields/managed-fields.ts';
import { boolean } from '../options/options.ts';
import { decodePatched, type PatchTarget } from './patch-target.ts';

/** Server-side apply: gives the wanted state of what is there, as the target shows it. */
export function applyConfiguration(
  context: RegistryContext,
  request: ApiRequest,
  target: PatchTarget,
): (current: Entry | undefined) => Steps<KubeObject> {
  const configuration = readConfiguration(request);
  return function* (current) {
    const live = current === undefined ? undefined : target.view(current.object);
    yield;
    const merged = yield* applyServerSideInSteps({
      ...writeContext(context, request, target.type, target.apiVersion, live),
      kind: target.kind,
      live,
      applied: configuration.value,
      force: boolean(request.query['force']) ?? false,
    });
    yield;
    for (const text of configuration.strictErrors) tellOrRefuse(request, text);
    try {
      return (yield* decodePatched(request, target, merged, false)).object;
    } catch (error) {
      if (!isDocumentFault(error)) throw error;
      throw plainError(conversionFault(request, target, configuration.value as KubeObject, error.message));
    }
  };
}

/** Objects without a type are not converted, but read. */
function conversionFault(
  { resource }: ApiRequest,
  { type, apiVersion, kind }: PatchTarget,
  applied: KubeObject,
  fault: string,
): string {
  if (resource.custom !== undefined && type === resource.fact.type) return fault;
  const { group, version } = parseApiVersion(apiVersion);
  return `failed to convert new object (${configurationName(applied)}) to proper version: unable to convert unstructured object to ${group}/${version}, Kind=${kind}: ${fault}`;
}

/** Upstream reads strictly once the configuration is merged: what is wrong with that is told first. */
function tellOrRefuse(request: ApiRequest, text: string): void {
  const fault = `error converting YAML to JSON: ${text}`;
  if (request.query['fieldValidation'] === 'Strict') {
    throw newBadRequest(`error strict decoding YAML: ${fault}`);
  }
  for (const line of strictWarnings([fault])) request.warn(line);
}

/** The applied configuration, decoded but not checked. */
function readConfiguration({ body, query }: ApiRequest): {
  readonly value: unknown;
  readonly strictErrors: readonly string[];
} {
  if (body === undefined) return { value: {}, strictErrors: [] };
  if ('object' in body) return { value: copyJson(body.object), strictErrors: [] };
  const { object, strictErrors } = parseConfiguration(body.bytes, query['fieldValidation'] !== 'Ignore');
  if (object !== null && (typeof object !== 'object' || Array.isArray(object))) {
    throw newBadRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonTypeName(object)} into Go value of type map[string]interface {}`,
    );
  }
  return { value: object ?? {}, strictErrors };
}

function parseConfiguration(bytes: Buffer, strict: boolean): Decoded {
  try {
    return decodeYaml(bytes, undefined, { strict });
  } catch (error) {
    if (!isDocumentFault(error)) throw error;
    throw newBadRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
}
