import type { Informer } from '@coxswain/controller';
import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { decodePem, readCertificate } from '@coxswain/pki';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { certificateSigningRequests } from '../shared/resources.ts';
import { runPeriodically } from '../shared/run-periodically.ts';
import { conditionsOf } from './request.ts';

const hour = 3_600_000;
/** How long requests stay after their last word, and without one. */
const keptMs = { Approved: hour, Denied: hour, Failed: hour, pending: 24 * hour } as const;

/** Deletes CertificateSigningRequests that are done with, or that nobody decided upon. */
export class CertificateCleanerController implements RunnableController {
  readonly name = 'certificatesigningrequest-cleaner-controller';
  readonly #context: ControllerContext;
  readonly #requests: Informer;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#requests = context.informers.informer(certificateSigningRequests);
  }

  run(signal: AbortSignal): Promise<void> {
    return runPeriodically(this.#context, this.name, hour, signal, async () => {
      const now = this.#context.clock.now();
      for (const csr of this.#requests.lister.list()) if (isOver(csr, now)) await this.#delete(csr);
    });
  }

  async #delete(csr: KubeObject): Promise<void> {
    try {
      await this.#context.client.resource(certificateSigningRequests).delete(csr.metadata.name as string);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Whether the request has been kept long enough. Pure. */
export function isOver(csr: KubeObject, now: number): boolean {
  const conditions = conditionsOf(csr);
  const issued = Boolean(csr['status']?.certificate);
  const lateFor = (type: 'Approved' | 'Denied' | 'Failed'): boolean =>
    conditions.some(
      (c) =>
        c['type'] === type && c['lastUpdateTime'] && now - Date.parse(c['lastUpdateTime']) > keptMs[type],
    );
  const undecided = !conditions.some((c) => c['type'] === 'Approved' || c['type'] === 'Denied');
  return (
    (undecided && !issued && now - Date.parse(csr.metadata.creationTimestamp ?? '') > keptMs.pending) ||
    lateFor('Denied') ||
    lateFor('Failed') ||
    (issued && lateFor('Approved')) ||
    isExpired(csr, now)
  );
}

function isExpired(csr: KubeObject, now: number): boolean {
  const pem = Buffer.from(csr['status']?.certificate ?? '', 'base64').toString('utf8');
  const block = decodePem(pem)[0];
  return block !== undefined && readCertificate(block.der).notAfter < now;
}
