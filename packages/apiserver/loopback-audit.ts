import { type ResourceRequest, type ResourceWatchRequest, resourceUrl } from '@coxswain/client';
import type { Auditor } from './audit/auditor.ts';
import type { RequestAudit } from './audit/request-audit.ts';
import { statusOf } from './http/status-errors.ts';

const ok = 200;

/**
 * Serves a request of the same process, which is written down as one that came over the wire. What serves it says
 * what it came to, where that is more than a success.
 */
export async function auditLoopback<T>(
  auditor: Auditor,
  request: ResourceRequest | ResourceWatchRequest,
  userAgent: string,
  serve: (audit: RequestAudit) => Promise<T>,
): Promise<T> {
  const requestURI = resourceUrl(request, !('verb' in request));
  const audit = auditor.begin({ auditID: '', requestURI, sourceIPs: ['127.0.0.1'], userAgent });
  try {
    const answer = await serve(audit);
    audit.ended(ok);
    return answer;
  } catch (error) {
    const status = statusOf(error);
    audit.responseStatus(status);
    audit.responseObject(() => JSON.stringify(status));
    audit.ended(status.code);
    throw error;
  }
}
