import type { Clock } from '@coxswain/machinery';
import { selectedName } from '../access/authorization/selected-name.ts';
import { applyPatchType } from '../registry/patch/patch-types.ts';
import type { Exchange } from './exchange.ts';
import type { Metrics } from './metrics/metrics.ts';
import { countsPath } from './metrics/request-labels.ts';
import type { ParsedQuery } from './query.ts';
import { sentBytes } from './reply.ts';
import type { RequestInfo } from './request-info.ts';

/**
 * Counts a request where upstream does: when there is a route for it. An answer that goes on is measured when it ends.
 * @param ended when it was served, though its answer may still be made; monotonic milliseconds
 */
export function measureRequest(metrics: Metrics, clock: Clock, served: Exchange, ended: number): void {
  const { query, response, flow, began } = served;
  const info = isApply(served) ? { ...served.info, verb: 'apply' } : served.info;
  const counts = info.resourceRequest
    ? flow?.routed !== false
    : countsPath(info.path, response.getHeader('content-type'));
  const observe = (now: number): void => {
    if (!counts) return;
    const queued = (flow?.queuedMs ?? 0) / 1000;
    const size = sentBytes(response);
    metrics.observe(info, dryRunLabel(query), response.statusCode, (now - began) / 1000, size, queued);
  };
  if (response.writableEnded || response.destroyed) {
    observe(ended);
    return;
  }
  const over = flow?.lasting === true ? metrics.longRunning(namedInfo(info, query)) : undefined;
  response.once('close', () => {
    over?.();
    observe(clock.monotonic());
  });
}

/** The label that says whether anything was to be written. */
export function dryRunLabel({ dryRun }: ParsedQuery): string {
  if (dryRun.length === 0) return '';
  return dryRun.every((value) => value === 'All') ? 'All' : 'invalid';
}

/** Upstream tells server-side applies from other patches. */
function isApply({ info: { verb, resourceRequest }, request }: Exchange): boolean {
  return verb === 'patch' && resourceRequest && request.headers['content-type'] === applyPatchType;
}

/** The same with the name that a selector asks for. */
function namedInfo(info: RequestInfo, { values }: ParsedQuery): RequestInfo {
  const name = info.name === '' ? selectedName(values['fieldSelector']) : '';
  return name === '' ? info : { ...info, name };
}
