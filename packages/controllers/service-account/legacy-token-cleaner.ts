import type { Informer } from '@coxswain/controller';
import { isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { configMaps, pods, secrets, serviceAccounts } from '../shared/resources.ts';
import { runPeriodically } from '../shared/run-periodically.ts';
import { accountNameAnnotation, tokenSecretType } from './token-controller.ts';

const day = 24 * 3_600_000;
/** --legacy-service-account-token-clean-up-period's default. */
const cleanUpPeriodMs = 365 * day;

const lastUsedLabel = 'kubernetes.io/legacy-token-last-used';
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since';
/** Since when the server notes the use of such tokens. */
const tracking = 'kube-apiserver-legacy-service-account-token-tracking';

/**
 * Marks token Secrets that were made for accounts of old and that nobody has used for a year as invalid, and
 * deletes them after another. Secrets that people made are left alone.
 */
export class LegacyTokenCleaner implements RunnableController {
  readonly name = 'legacy-serviceaccount-token-cleaner-controller';
  readonly #context: ControllerContext;
  readonly #secrets: Informer;
  readonly #accounts: Informer;
  readonly #pods: Informer;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#secrets = context.informers.informer(secrets, { fieldSelector: `type=${tokenSecretType}` });
    this.#accounts = context.informers.informer(serviceAccounts);
    this.#pods = context.informers.informer(pods);
  }

  run(signal: AbortSignal): Promise<void> {
    return runPeriodically(this.#context, this.name, day, signal, () => this.#clean());
  }

  async #clean(): Promise<void> {
    const since = await this.#trackedSince();
    const now = this.#context.clock.now();
    if (since === undefined || now - since < cleanUpPeriodMs) return;
    const mounted = new Set(this.#pods.lister.list().flatMap(mountedSecrets));
    for (const secret of this.#secrets.lister.list()) {
      const { namespace, name } = secret.metadata;
      if (mounted.has(`${namespace}/${name}`) || !this.#isGenerated(secret)) continue;
      const used = Date.parse(secret.metadata.labels?.[lastUsedLabel] ?? '');
      const created = Date.parse(secret.metadata.creationTimestamp ?? '');
      // What was made after tracking began and was never used counts from its making.
      const lastUse = Number.isNaN(used) ? Math.max(created, since) : used;
      if (now - lastUse >= cleanUpPeriodMs) await this.#retire(secret, now);
    }
  }

  async #trackedSince(): Promise<number | undefined> {
    try {
      const map = await this.#context.client.resource(configMaps, 'kube-system').get(tracking);
      const since = Date.parse(map['data']?.since ?? '');
      return Number.isNaN(since) ? undefined : since;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Those that were made for an account are listed by it. */
  #isGenerated(secret: KubeObject): boolean {
    const account = this.#accounts.lister.get(
      secret.metadata.namespace as string,
      secret.metadata.annotations?.[accountNameAnnotation] ?? '',
    );
    const listed: readonly { readonly name?: string }[] = account?.['secrets'] ?? [];
    return listed.some((reference) => reference.name === secret.metadata.name);
  }

  async #retire(secret: KubeObject, now: number): Promise<void> {
    const { name, namespace, uid, resourceVersion } = secret.metadata as Record<string, string>;
    const client = this.#context.client.resource(secrets, namespace);
    const invalidSince = secret.metadata.labels?.[invalidSinceLabel];
    try {
      if (invalidSince === undefined) {
        const today = new Date(now).toISOString().slice(0, 10);
        await client.patch(name as string, 'application/merge-patch+json', {
          metadata: { uid, resourceVersion, labels: { [invalidSinceLabel]: today } },
        });
      } else if (now - Date.parse(invalidSince) >= cleanUpPeriodMs) {
        await client.delete(name as string, {
          preconditions: { uid: uid as string, resourceVersion: resourceVersion as string },
        });
      }
    } catch (error) {
      // It was changed or deleted meanwhile: tomorrow is another day.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

/** `namespace/name` of the Secrets that a pod mounts. */
function mountedSecrets(pod: KubeObject): string[] {
  return (pod['spec'].volumes ?? []).flatMap((volume: Record<string, any>) =>
    volume['secret']?.secretName ? [`${pod.metadata.namespace}/${volume['secret'].secretName}`] : [],
  );
}
