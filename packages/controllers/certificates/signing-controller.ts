import { type Informer, keyOf } from '@coxswain/controller';
import { formatTime, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import { type CertificateSigningRequestFacts, type Issuer, signCertificate } from '@coxswain/pki';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { certificateSigningRequests } from '../shared/resources.ts';
import { conditionsOf, hasCondition, parseRequest, signerFault, signers } from './request.ts';
import { usagesOf, validityOf } from './signing-policy.ts';

const minute = 60_000;
/** --cluster-signing-duration's default. */
const defaultSigningDurationMs = 365 * 24 * 60 * minute;

const signed: ReadonlySet<string> = new Set(Object.values(signers));

/** Signs approved CertificateSigningRequests of the `kubernetes.io` signers with the cluster's CA. */
export class CertificateSigningController implements RunnableController {
  readonly name = 'certificatesigningrequest-signing-controller';
  readonly #context: ControllerContext;
  readonly #issuer: Issuer;
  readonly #durationMs: number;
  readonly #requests: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext, issuer: Issuer, durationMs = defaultSigningDurationMs) {
    this.#context = context;
    this.#issuer = issuer;
    this.#durationMs = durationMs;
    this.#queue = context.queue(this.name);
    this.#requests = context.informers.informer(certificateSigningRequests);
    const enqueue = (csr: KubeObject): void => this.#queue.add(keyOf(csr));
    this.#requests.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after) });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(name: string): Promise<void> {
    const csr = this.#requests.lister.getByKey(name);
    if (!csr || !hasCondition(csr, 'Approved') || hasCondition(csr, 'Failed')) return;
    if (csr['status']?.certificate || !signed.has(csr['spec'].signerName)) return;
    const facts = parseRequest(csr);
    const usages: readonly string[] = csr['spec'].usages ?? [];
    const fault = signerFault(csr['spec'].signerName, facts, usages);
    if (fault !== undefined) await this.#write(csr, this.#failed(csr, 'SignerValidationFailure', fault));
    else await this.#write(csr, { ...csr['status'], certificate: this.#sign(csr, facts, usages) });
  }

  #sign(csr: KubeObject, facts: CertificateSigningRequestFacts, usages: readonly string[]): string {
    const validity = validityOf(
      csr['spec'].expirationSeconds,
      this.#durationMs,
      this.#issuer.certificate,
      this.#context.clock.now(),
    );
    // A uid is for the authority's owner to give: a request cannot ask for one.
    const { uid: _, ...subject } = facts.subject;
    const pem = signCertificate(
      {
        subject,
        ...validity,
        ...usagesOf(usages),
        altNames: [...facts.dnsNames, ...facts.ipAddresses],
        emailAddresses: facts.emailAddresses,
        uris: facts.uris,
      },
      facts.publicKey,
      this.#issuer,
    );
    return Buffer.from(pem).toString('base64');
  }

  #failed(csr: KubeObject, reason: string, message: string): Record<string, unknown> {
    const now = formatTime(this.#context.clock.now());
    const condition = {
      type: 'Failed',
      status: 'True',
      reason,
      message,
      lastUpdateTime: now,
      lastTransitionTime: now,
    };
    return { ...csr['status'], conditions: [...conditionsOf(csr), condition] };
  }

  async #write(csr: KubeObject, status: Record<string, unknown>): Promise<void> {
    try {
      await this.#context.client.resource(certificateSigningRequests).updateStatus({ ...csr, status });
    } catch (error) {
      if (isConflict(error)) this.#queue.addRateLimited(keyOf(csr));
      else if (!isNotFound(error)) throw new Error(`error updating signature for csr: ${messageOf(error)}`);
    }
  }
}
