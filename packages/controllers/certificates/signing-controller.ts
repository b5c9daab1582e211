import { type Informer, keyOf } from '@coxswain/controller';
import { formatTime, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import { type CertificateSigningRequestFacts, type Issuer, signCertificate } from '@coxswain/pki';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { certificateSigningRequests } from '../shared/resources.ts';
import { conditionsOf, hasCondition, parseRequest, signerFault, signers } from './request.ts';

const minute = 60_000;
/** Certificates begin this long ago, so that a node whose clock lags a little takes them. */
const backdateMs = 5 * minute;
/** Shorter lives than this are counted from now, longer ones from the backdated start. */
const shortMs = 8 * 60 * minute;
/** No certificate is shorter, whatever `expirationSeconds` says. */
const shortestMs = 10 * minute;
/** --cluster-signing-duration's default. */
export const defaultSigningDurationMs = 365 * 24 * 60 * minute;

/** Extended key usages by the names of the API. */
const extendedKeyUsages: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

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
    const now = this.#context.clock.now();
    const asked: number | undefined = csr['spec'].expirationSeconds;
    const life =
      asked === undefined ? this.#durationMs : Math.max(shortestMs, Math.min(asked * 1000, this.#durationMs));
    const notAfter = life < shortMs ? now + life : now + life - backdateMs;
    const pem = signCertificate(
      {
        subject: facts.subject,
        notBefore: now - backdateMs,
        notAfter,
        altNames: [...facts.dnsNames, ...facts.ipAddresses],
        extendedKeyUsages: usages.flatMap((usage) => extendedKeyUsages[usage] ?? []),
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
