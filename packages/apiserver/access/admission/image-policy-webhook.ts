import type { Clock, KubeObject, Logger } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { ExpiringCache } from '../remote/expiring-cache.ts';
import { withRetries } from '../remote/retry.ts';
import { ReviewClient } from '../remote/review-client.ts';
import { isFor, refuse } from './refuse.ts';

const remembered = 1024;
const annotationPattern = /\.image-policy\.k8s\.io\//;
const auditPrefix = 'imagepolicywebhook.image-policy.k8s.io/';

export interface ImagePolicyConfig {
  /** Kubeconfig that says where to ask and who this is. */
  readonly kubeConfigFile: string;
  /** How long a yes and a no hold. */
  readonly allowTtlMs: number;
  readonly denyTtlMs: number;
  /** What counts when nobody answers. */
  readonly defaultAllow: boolean;
}

/** What ImagePolicyWebhook works with besides its configuration. */
export interface ImagePolicySources {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

interface Verdict {
  readonly allowed: boolean;
  readonly reason: string;
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** Asks a webhook whether the images of a pod may run. */
export class ImagePolicyWebhook implements AdmissionPlugin {
  readonly name = 'ImagePolicyWebhook';
  readonly #config: ImagePolicyConfig;
  readonly #sources: ImagePolicySources;
  readonly #client: ReviewClient;
  readonly #verdicts: ExpiringCache<Verdict>;

  /** @throws {KubeconfigError} when the file does not say where to ask */
  constructor(config: ImagePolicyConfig, sources: ImagePolicySources) {
    this.#config = config;
    this.#sources = sources;
    this.#client = ReviewClient.fromFile(config.kubeConfigFile, sources.clock);
    this.#verdicts = new ExpiringCache(remembered, sources.clock);
  }

  handles(operation: AdmissionOperation): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  async validate(a: AdmissionAttributes): Promise<void> {
    const ephemeral = isFor(a, '', 'pods', 'ephemeralcontainers');
    if ((!ephemeral && !isFor(a, '', 'pods')) || a.object === undefined) return;
    const spec = reviewSpec(a, a.object, ephemeral);
    if (spec.containers.length === 0) return;
    const verdict = await this.#ask(a, spec);
    if (verdict === undefined) return;
    for (const [key, value] of Object.entries(verdict.auditAnnotations)) {
      a.audit?.annotate(`${auditPrefix}${key}`, value);
    }
    if (verdict.allowed) return;
    throw refuse(
      a,
      verdict.reason === ''
        ? 'one or more images rejected by webhook backend'
        : `image policy webhook backend denied one or more images: ${verdict.reason}`,
    );
  }

  /** Undefined: nobody answered, and that is to be no hindrance. */
  async #ask(a: AdmissionAttributes, spec: ReviewSpec): Promise<Verdict | undefined> {
    const key = JSON.stringify(spec);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const { clock, random, logger } = this.#sources;
    const review: KubeObject = {
      kind: 'ImageReview',
      apiVersion: 'imagepolicy.k8s.io/v1alpha1',
      metadata: {},
      spec,
      status: { allowed: false },
    };
    try {
      const answer = await withRetries(() => this.#client.post(review), clock, random);
      const { allowed = false, reason = '', auditAnnotations = {} } = answer['status'] ?? {};
      const verdict: Verdict = { allowed, reason, auditAnnotations };
      this.#verdicts.set(key, verdict, allowed ? this.#config.allowTtlMs : this.#config.denyTtlMs);
      return verdict;
    } catch (error) {
      const { message } = error as Error;
      logger.warn('asking the image policy webhook failed', { error: message });
      if (!this.#config.defaultAllow) throw refuse(a, message);
      a.audit?.annotate('failed-open.imagepolicywebhook.image-policy.k8s.io', 'true');
      return undefined;
    }
  }
}

interface ReviewSpec {
  readonly containers: readonly { readonly image: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace: string;
}

function reviewSpec(a: AdmissionAttributes, pod: KubeObject, ephemeral: boolean): ReviewSpec {
  const fields = ephemeral ? ['ephemeralContainers'] : ['initContainers', 'containers'];
  const containers = fields
    .flatMap((field): { image?: string }[] => pod['spec']?.[field] ?? [])
    .map(({ image = '' }) => ({ image }));
  const annotations = Object.entries(pod.metadata.annotations ?? {}).filter(([key]) =>
    annotationPattern.test(key),
  );
  return {
    containers,
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    namespace: a.namespace,
  };
}
