import { type Informer, keyOf } from '@coxswain/controller';
import { isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { LegacyTokenSubject } from '@coxswain/pki';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { secrets, serviceAccounts } from '../shared/resources.ts';

export const tokenSecretType = 'kubernetes.io/service-account-token';
export const accountNameAnnotation = 'kubernetes.io/service-account.name';
const accountUidAnnotation = 'kubernetes.io/service-account.uid';

/** Signs the token of a Secret. */
export type SignLegacyToken = (subject: LegacyTokenSubject) => string;

/** Index of token Secrets by `namespace/account`. */
const byAccount = 'account';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (value: unknown): string =>
  typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';

/**
 * Fills Secrets of type `kubernetes.io/service-account-token` with a token, the CA and the namespace, deletes
 * those whose account is gone, and takes deleted ones off their account. Source: TokensController upstream.
 */
export class ServiceAccountTokenController implements RunnableController {
  readonly name = 'serviceaccount-token-controller';
  readonly #context: ControllerContext;
  readonly #sign: SignLegacyToken;
  readonly #rootCa: string | undefined;
  readonly #accounts: Informer;
  readonly #secrets: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  /** @param rootCa PEM, for the member `ca.crt`; absent: Secrets get none */
  constructor(context: ControllerContext, sign: SignLegacyToken, rootCa: string | undefined) {
    this.#context = context;
    this.#sign = sign;
    this.#rootCa = rootCa;
    this.#queue = context.queue(this.name);
    this.#accounts = context.informers.informer(serviceAccounts);
    this.#secrets = context.informers.informer(secrets, { fieldSelector: `type=${tokenSecretType}` });
    this.#secrets.addIndex(byAccount, (secret) => [accountKeyOf(secret)]);
    this.#accounts.addHandler({
      onAdd: (account) => this.#enqueueSecretsOf(account),
      onDelete: (account) => this.#enqueueSecretsOf(account),
    });
    this.#secrets.addHandler({
      onAdd: (secret) => this.#queue.add(`secret ${keyOf(secret)}`),
      onUpdate: (_, after) => this.#queue.add(`secret ${keyOf(after)}`),
      onDelete: (secret) => this.#queue.add(`deleted ${keyOf(secret)} ${accountKeyOf(secret)}`),
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  #enqueueSecretsOf(account: KubeObject): void {
    for (const secret of this.#secrets.lister.byIndex(byAccount, keyOf(account))) {
      this.#queue.add(`secret ${keyOf(secret)}`);
    }
  }

  async #reconcile(key: string): Promise<void> {
    const [task, secretKey, accountKey] = key.split(' ') as [string, string, string];
    try {
      if (task === 'deleted') await this.#removeReference(secretKey, accountKey);
      else await this.#sync(secretKey);
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) this.#queue.addRateLimited(key);
      else throw error;
    }
  }

  async #sync(key: string): Promise<void> {
    const secret = this.#secrets.lister.getByKey(key);
    if (!secret || secret['type'] !== tokenSecretType) return;
    const account = await this.#accountOf(secret);
    if (account) await this.#fill(secret, account);
    else await this.#deleteOrphan(secret);
  }

  /** The live account that the Secret names, if it is the one of that UID. */
  async #accountOf(secret: KubeObject): Promise<KubeObject | undefined> {
    const name = secret.metadata.annotations?.[accountNameAnnotation] ?? '';
    const uid = secret.metadata.annotations?.[accountUidAnnotation] ?? '';
    const { namespace } = secret.metadata;
    if (name === '') return undefined;
    const fits = (account: KubeObject | undefined): KubeObject | undefined =>
      account && (uid === '' || account.metadata.uid === uid) ? account : undefined;
    const cached = fits(this.#accounts.lister.get(namespace as string, name));
    if (cached) return cached;
    // The cache may be behind: an account is gone only when the API says so.
    try {
      return fits(await this.#context.client.resource(serviceAccounts, namespace).get(name));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #deleteOrphan({ metadata }: KubeObject): Promise<void> {
    const { uid, resourceVersion } = metadata as { uid: string; resourceVersion: string };
    await this.#context.client
      .resource(secrets, metadata.namespace)
      .delete(metadata.name as string, { preconditions: { uid, resourceVersion } });
  }

  async #fill(cached: KubeObject, account: KubeObject): Promise<void> {
    if (!this.#lacks(cached)) return;
    const { name, namespace } = cached.metadata as { name: string; namespace: string };
    const client = this.#context.client.resource(secrets, namespace);
    const live = await client.get(name);
    if (live.metadata.uid !== cached.metadata.uid || !this.#lacks(live)) return;
    const data: Record<string, string> = { ...live['data'] };
    if (this.#rootCa !== undefined) data['ca.crt'] = encode(this.#rootCa);
    if (decode(data['namespace']) === '') data['namespace'] = encode(namespace);
    if (decode(data['token']) === '') {
      const subject = account.metadata as { name: string; uid: string };
      data['token'] = encode(
        this.#sign({ namespace, name: subject.name, uid: subject.uid, secretName: name }),
      );
    }
    const annotations = {
      ...live.metadata.annotations,
      [accountNameAnnotation]: account.metadata.name as string,
      [accountUidAnnotation]: account.metadata.uid as string,
    };
    await client.update({ ...live, metadata: { ...live.metadata, annotations }, data });
  }

  #lacks(secret: KubeObject): boolean {
    const data = secret['data'] ?? {};
    return (
      (this.#rootCa !== undefined && decode(data['ca.crt']) !== this.#rootCa) ||
      decode(data['namespace']) === '' ||
      decode(data['token']) === '' ||
      (secret.metadata.annotations?.[accountUidAnnotation] ?? '') === ''
    );
  }

  async #removeReference(secretKey: string, accountKey: string): Promise<void> {
    const [namespace = '', account = ''] = accountKey.split('/');
    const name = secretKey.slice(secretKey.indexOf('/') + 1);
    if (account === '' || this.#secrets.lister.getByKey(secretKey)) return;
    const client = this.#context.client.resource(serviceAccounts, namespace);
    const held = await client.get(account);
    const references: readonly { readonly name?: string }[] = held['secrets'] ?? [];
    if (!references.some((reference) => reference.name === name)) return;
    await client.update({ ...held, secrets: references.filter((reference) => reference.name !== name) });
  }
}

function accountKeyOf(secret: KubeObject): string {
  return `${secret.metadata.namespace}/${secret.metadata.annotations?.[accountNameAnnotation] ?? ''}`;
}
