import { type Clock, type KubeObject, newStatusError } from '@coxswain/machinery';
import type { ObjectReader } from '../../access/contract.ts';
import { callWebhook } from './call.ts';
import { type ClientConfig, endpointOf } from './client-config.ts';

/** Changes objects from one version of a definition to another. */
export interface Converter {
  /** Objects of one version in another, in the same order. @throws StatusError when it cannot be done */
  convert(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]>;
}

export interface ConverterSources {
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

interface Answer {
  readonly response?: {
    readonly uid?: string;
    readonly result?: { readonly status?: string; readonly message?: string };
    readonly convertedObjects?: readonly KubeObject[];
  };
}

/** Converts by asking the webhook of a definition. */
export class WebhookConverter implements Converter {
  readonly #webhook: ConversionWebhook;
  readonly #sources: ConverterSources;

  constructor(webhook: ConversionWebhook, sources: ConverterSources) {
    this.#webhook = webhook;
    this.#sources = sources;
  }

  async convert(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> {
    const { reader, clock, random } = this.#sources;
    const uid = this.#sources.uid();
    const review = {
      kind: 'ConversionReview',
      apiVersion: `apiextensions.k8s.io/${this.#webhook.conversionReviewVersions.includes('v1') ? 'v1' : 'v1beta1'}`,
      request: { uid, desiredAPIVersion: apiVersion, objects },
    };
    try {
      const endpoint = endpointOf(this.#webhook.clientConfig ?? {}, reader, random);
      const answer = (await callWebhook(endpoint, review, timeoutMs, clock)) as Answer | null;
      return checked(answer, uid, objects, apiVersion);
    } catch (error) {
      const [first] = objects;
      throw newStatusError({
        code: 500,
        reason: '',
        message: `conversion webhook for ${first?.apiVersion}, Kind=${first?.kind} failed: ${(error as Error).message}`,
      });
    }
  }
}

function checked(
  answer: Answer | null,
  uid: string,
  objects: readonly KubeObject[],
  apiVersion: string,
): KubeObject[] {
  const response = answer?.response;
  if (response === undefined || response === null) throw new Error('no response provided');
  if (response.uid !== uid) throw new Error(`expected response.uid=${uid}, got ${response.uid ?? ''}`);
  if (response.result?.status !== 'Success') {
    throw new Error(response.result?.message ?? 'response.result.message was empty');
  }
  const made = response.convertedObjects ?? [];
  if (made.length !== objects.length) {
    throw new Error(`webhook returned ${made.length} objects, expected ${objects.length}`);
  }
  return made.map((object, i) => {
    if (object.apiVersion !== apiVersion) {
      throw new Error(
        `webhook returned invalid converted object at index ${i}: invalid groupVersion (expected ${apiVersion}, received ${object.apiVersion})`,
      );
    }
    return withOwnMetadata(object, objects[i] as KubeObject);
  });
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
