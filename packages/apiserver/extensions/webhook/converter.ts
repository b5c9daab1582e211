import { validateObjectMeta } from '@coxswain/api';
import {
  type Clock,
  deepEqual,
  type FieldError,
  goJson,
  goMapJson,
  goQuote,
  type KubeObject,
  newStatusError,
  parseApiVersion,
  type StatusError,
  writeJson,
} from '@coxswain/machinery';
import type { ObjectReader } from '../../access/contract.ts';
import { goTypeOf } from '../schema/go-value.ts';
import { isMembers } from '../schema/schema.ts';
import { callWebhook } from './call.ts';
import { type ClientConfig, endpointOf } from './client-config.ts';
import type { ConversionFailure, ConversionMetrics } from './conversion-metrics.ts';
import { conversionScheme } from './review-scheme.ts';
import { shownKind } from './shown-kind.ts';

/** Changes objects from one version of a definition to another. */
export interface Converter {
  /** Objects of one version in another, in the same order. @throws StatusError when it cannot be done */
  convert(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]>;
}

export interface ConverterSources {
  /** Name of the definition whose objects are converted. */
  readonly definition: string;
  /** Absent: conversions are not counted. */
  readonly metrics?: ConversionMetrics | undefined;
  readonly reader: ObjectReader;
  readonly clock: Clock;
  readonly uid: () => string;
  readonly random: () => number;
}

/** spec.conversion.webhook of a definition. */
export interface ConversionWebhook {
  readonly clientConfig?: ClientConfig;
  readonly conversionReviewVersions: readonly string[];
}

/** As upstream waits for a conversion. */
const timeoutMs = 30_000;

/** Converts by asking the webhook of a definition. */
export class WebhookConverter implements Converter {
  readonly #webhook: ConversionWebhook;
  readonly #sources: ConverterSources;

  constructor(webhook: ConversionWebhook, sources: ConverterSources) {
    this.#webhook = webhook;
    this.#sources = sources;
  }

  async convert(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> {
    const { clock, definition, metrics } = this.#sources;
    const began = clock.monotonic();
    let failure: ConversionFailure | undefined = '';
    try {
      const made = await this.#convert(objects, apiVersion, (next) => {
        failure = next;
      });
      failure = undefined;
      return made;
    } finally {
      const from = parseApiVersion(objects[0]?.apiVersion ?? '').version;
      const to = parseApiVersion(apiVersion).version;
      metrics?.converted({ definition, from, to, failure, ms: clock.monotonic() - began });
    }
  }

  /** @param at is told what it would be to fail from there on */
  async #convert(
    objects: readonly KubeObject[],
    apiVersion: string,
    at: (failure: ConversionFailure) => void,
  ): Promise<KubeObject[]> {
    const { reader, clock, random } = this.#sources;
    const uid = this.#sources.uid();
    const version = this.#webhook.conversionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
    if (version === undefined) throw internal('no supported conversion review versions');
    at('conversion_webhook_call_failure');
    const [first] = objects;
    const by = `conversion webhook for ${first?.apiVersion}, Kind=${first?.kind}`;
    let made: readonly KubeObject[];
    try {
      const endpoint = endpointOf(this.#webhook.clientConfig ?? {}, reader, random);
      const call = {
        endpoint,
        kind: { group: 'apiextensions.k8s.io', version, kind: 'ConversionReview' },
        scheme: conversionScheme(),
        members: requestMembers(uid, apiVersion, objects),
        timeoutMs,
      };
      const review = await callWebhook(call, clock);
      at('conversion_webhook_malformed_response_failure');
      made = answeredObjects(review, uid, version);
    } catch (error) {
      throw internal(`${by} failed: ${(error as Error).message}`);
    }
    at('conversion_webhook_partial_response_failure');
    if (made.length !== objects.length) {
      throw internal(`${by} returned ${made.length} objects, expected ${objects.length}`);
    }
    at('conversion_webhook_invalid_converted_object_failure');
    return made.map((object, i) => {
      checkUnstructured(object);
      const fault = conversionFault(objects[i] as KubeObject, object, apiVersion, i);
      if (fault !== undefined) throw internal(`${by} returned ${fault}`);
      return withOwnMetadata(object, objects[i] as KubeObject);
    });
  }
}

function internal(message: string): StatusError {
  return newStatusError({ code: 500, reason: '', message });
}

/** The members of a review besides its kind, as Go writes them. Its objects have no place in the storage. */
function requestMembers(uid: string, apiVersion: string, objects: readonly KubeObject[]): string {
  const unstored = objects.map(({ metadata: { resourceVersion: _, ...metadata }, ...rest }) => ({
    ...rest,
    metadata,
  }));
  const request = `{"uid":${goJson(uid)},"desiredAPIVersion":${goJson(apiVersion)},"objects":${goMapJson(unstored)}}`;
  return `"request":${request},"response":{"uid":"","convertedObjects":null,"result":{"metadata":{}}}`;
}

/** @throws Error when the answer is none, or says that there are no objects */
function answeredObjects(review: Record<string, any>, uid: string, version: string): readonly KubeObject[] {
  const { apiVersion = '', kind = '', response } = review;
  const wanted = 'apiextensions.k8s.io/v1';
  if (version === 'v1' && (apiVersion !== wanted || kind !== 'ConversionReview')) {
    const got = shownKind(apiVersion, kind);
    throw new Error(`expected webhook response of ${wanted}, Kind=ConversionReview, got ${got}`);
  }
  if (response === undefined) throw new Error('no response provided');
  if (version === 'v1' && response.uid !== uid) {
    throw new Error(`expected response.uid=${goQuote(uid)}, got ${goQuote(response.uid ?? '')}`);
  }
  const { status = '', message = '' } = response.result ?? {};
  if (status !== 'Success') {
    throw new Error(message === '' ? `response.result.status was '${status}', not 'Success'` : message);
  }
  return response.convertedObjects ?? [];
}

/** @throws StatusError in Go's words where what a webhook made is no object of any kind */
function checkUnstructured(object: unknown): asserts object is KubeObject {
  if (object === null) throw internal('unexpected end of JSON input');
  if (!isMembers(object)) {
    const shown = Array.isArray(object) ? 'array' : typeof object === 'boolean' ? 'bool' : typeof object;
    throw internal(`json: cannot unmarshal ${shown} into Go value of type map[string]interface {}`);
  }
  const { kind, apiVersion } = object;
  const isNamed = typeof kind === 'string' && kind !== '' && textOf(apiVersion).split('/').length <= 2;
  if (!isNamed) throw internal(`Object 'Kind' is missing in '${writeJson(object)}'`);
}

/** What is no text counts as none. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What is wrong with an object that a webhook made of another. */
function conversionFault(
  original: KubeObject,
  object: KubeObject,
  apiVersion: string,
  index: number,
): string | undefined {
  const at = `invalid object at index ${index}`;
  const received = textOf(object.apiVersion);
  if (received !== apiVersion) {
    return `${at}: invalid groupVersion (expected ${apiVersion}, received ${received})`;
  }
  if (object.kind !== original.kind) {
    return `${at}: invalid kind (expected ${original.kind}, received ${object.kind})`;
  }
  const meta = object.metadata as KubeObject['metadata'] | undefined;
  for (const [member, name] of identity) {
    const [was, is] = [original.metadata[member] ?? '', textOf(meta?.[member])];
    if (was !== is) return `invalid object: must have the same ${name}: ${was} != ${is}`;
  }
  const fault = meta === undefined ? 'missing metadata in converted object' : metadataFault(original, meta);
  return fault === undefined ? undefined : `invalid metadata: ${fault}`;
}

const identity = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** Labels and annotations are what a webhook may change: they must be such. */
function metadataFault(original: KubeObject, metadata: KubeObject['metadata']): string | undefined {
  for (const member of ['labels', 'annotations'] as const) {
    const map: unknown = metadata[member];
    if (map === undefined || map === null) continue;
    if (!isMembers(map)) return `invalid metadata.${member} of type ${goTypeOf(map)} in converted object`;
    for (const [key, value] of Object.entries(map)) {
      if (typeof value === 'string') continue;
      return `metadata.${member}[${key}] must be a string, but is ${goTypeOf(value)} in converted object`;
    }
    if (deepEqual(map, original.metadata[member])) continue;
    const errors: FieldError[] = [];
    const checked = { name: 'x', [member]: map };
    validateObjectMeta(errors, checked, { namespaced: false, standardFinalizers: false, name: () => [] });
    // Upstream names the one field in the singular.
    const shown = member === 'annotations' ? 'metadata.annotation' : 'metadata.labels';
    const texts = errors.map(({ message }) => `${shown}: ${message}`);
    if (texts.length > 0) return texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  }
  return undefined;
}

/** A conversion may change labels and annotations, and nothing else of the metadata. */
function withOwnMetadata(object: KubeObject, original: KubeObject): KubeObject {
  const { labels, annotations } = object.metadata;
  const { labels: _, annotations: __, ...metadata } = original.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(labels == null ? {} : { labels }),
      ...(annotations == null ? {} : { annotations }),
    },
  };
}
