import { type Informer, keyOf } from '@coxswain/controller';
import { formatTime, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { CertificateSigningRequestFacts } from '@coxswain/pki';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { certificateSigningRequests, subjectAccessReviews } from '../shared/resources.ts';
import { conditionsOf, hasCondition, kubeletClientFault, parseRequest, signers } from './request.ts';

/** A kind of request that is approved for those who may create this subresource. */
interface Recognizer {
  readonly subresource: string;
  readonly message: string;
  readonly recognizes: (csr: KubeObject, facts: CertificateSigningRequestFacts) => boolean;
}

const isNodeClient = (csr: KubeObject, facts: CertificateSigningRequestFacts): boolean =>
  csr['spec'].signerName === signers.kubeletClient &&
  kubeletClientFault(facts, csr['spec'].usages ?? []) === undefined;

const recognizers: readonly Recognizer[] = [
  {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    recognizes: (csr, facts) => isNodeClient(csr, facts) && csr['spec'].username === facts.subject.commonName,
  },
  {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    recognizes: isNodeClient,
  },
];

/** Requests that are recognised but not granted are looked at again this often: a role may come. */
const retryMs = 30_000;

/** Approves kubelets' requests for client certificates from users whom the authorizer lets. */
export class CertificateApprovingController implements RunnableController {
  readonly name = 'certificatesigningrequest-approving-controller';
  readonly #context: ControllerContext;
  readonly #requests: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#requests = context.informers.informer(certificateSigningRequests);
    const enqueue = (csr: KubeObject): void => this.#queue.add(keyOf(csr));
    this.#requests.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after) });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(name: string): Promise<{ requeueAfterMs: number } | undefined> {
    const csr = this.#requests.lister.getByKey(name);
    if (!csr || csr['status']?.certificate) return undefined;
    if (hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied')) return undefined;
    const facts = parseRequest(csr);
    const tried = recognizers.filter((recognizer) => recognizer.recognizes(csr, facts));
    for (const recognizer of tried) {
      if (!(await this.#mayCreate(csr, recognizer.subresource))) continue;
      await this.#approve(csr, recognizer.message);
      return undefined;
    }
    if (tried.length === 0) return undefined;
    const recognized = tried.map((recognizer) => recognizer.subresource);
    this.#context.logger.debug('no access review approved the request', { csr: name, recognized });
    return { requeueAfterMs: retryMs };
  }

  async #mayCreate(csr: KubeObject, subresource: string): Promise<boolean> {
    const { username, uid, groups, extra } = csr['spec'];
    const review = await this.#context.client.resource(subjectAccessReviews).create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: {
        user: username,
        ...(uid === undefined ? {} : { uid }),
        ...(groups === undefined ? {} : { groups }),
        ...(extra === undefined ? {} : { extra }),
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource,
        },
      },
    });
    return review['status']?.allowed === true;
  }

  async #approve(csr: KubeObject, message: string): Promise<void> {
    const now = formatTime(this.#context.clock.now());
    const condition = {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message,
      lastUpdateTime: now,
      lastTransitionTime: now,
    };
    const status = { ...csr['status'], conditions: [...conditionsOf(csr), condition] };
    const name = csr.metadata.name as string;
    try {
      await this.#context.client
        .resource(certificateSigningRequests)
        .updateSubresource(name, 'approval', { ...csr, status });
    } catch (error) {
      if (isConflict(error)) this.#queue.addRateLimited(name);
      else if (!isNotFound(error)) throw error;
    }
  }
}
