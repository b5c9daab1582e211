import type { Informer } from '@coxswain/controller';
import { deepEqual, isConflict, isNotFound } from '@coxswain/machinery';
import { signDetached } from '@coxswain/pki';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { configMaps, secrets } from '../shared/resources.ts';
import { bootstrapTokenType, signingToken } from './token-secret.ts';

const namespace = 'kube-public';
const name = 'cluster-info';
const prefix = 'jws-kubeconfig-';
const key = `${namespace}/${name}`;

/**
 * Signs the kubeconfig in ConfigMap kube-public/cluster-info with every bootstrap token, so that one who has
 * a token can trust what the map says. Source: BootstrapSigner upstream.
 */
export class BootstrapSigner implements RunnableController {
  readonly name = 'bootstrap-signer-controller';
  readonly #context: ControllerContext;
  readonly #maps: Informer;
  readonly #secrets: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#maps = context.informers.informer(configMaps, {
      namespace,
      fieldSelector: `metadata.name=${name}`,
    });
    this.#secrets = bootstrapTokens(context);
    const enqueue = (): void => this.#queue.add(key);
    for (const informer of [this.#maps, this.#secrets])
      informer.addHandler({ onAdd: enqueue, onUpdate: enqueue, onDelete: enqueue });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(() => this.#reconcile(), { workers: 1, signal });
  }

  async #reconcile(): Promise<void> {
    const map = this.#maps.lister.getByKey(key);
    const kubeconfig: string | undefined = map?.['data']?.kubeconfig;
    if (!map || kubeconfig === undefined) return;
    const data = Object.fromEntries(
      Object.entries<string>(map['data']).filter(([member]) => !member.startsWith(prefix)),
    );
    const now = this.#context.clock.now();
    for (const secret of this.#secrets.lister.list()) {
      const token = signingToken(secret, now);
      if (token) data[`${prefix}${token.id}`] = signDetached(kubeconfig, token.id, token.secret);
    }
    if (deepEqual(data, map['data'])) return;
    try {
      await this.#context.client.resource(configMaps, namespace).update({ ...map, data });
    } catch (error) {
      if (isConflict(error)) this.#queue.addRateLimited(key);
      else if (!isNotFound(error)) throw error;
    }
  }
}

/** The bootstrap tokens: shared by those who ask. */
export function bootstrapTokens(context: ControllerContext): Informer {
  return context.informers.informer(secrets, {
    namespace: 'kube-system',
    fieldSelector: `type=${bootstrapTokenType}`,
  });
}
