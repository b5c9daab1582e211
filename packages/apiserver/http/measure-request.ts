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
 * Counts a request where upstream does. An answer that goes on is measured when it ends.
 * @param ended when it was served, though its answer may still be made; monotonic milliseconds
 */
export function measureRequest(metrics: Metrics, clock: Clock, served: Exchange, ended: number): void {
  const { info, query, response, flow } = served;
  if (response.writableEnded || response.destroyed) {
    observe(metrics, served, ended);
    return;
  }
  const over = flow?.lasting === true ? metrics.longRunning(namedInfo(info, query)) : undefined;
  response.once('close', () => {
    over?.();
    observe(metrics, served, clock.monotonic());
  });
}

function observe(metrics: Metrics, served: Exchange, now: number): void {
  if (!isCounted(served)) return;
  const { query, response, flow, began } = served;
  const info = isApply(served) ? { ...served.info, verb: 'apply' } : served.info;
  const waited = (flow?.waitedMs ?? 0) / 1000;
  const size = sentBytes(response);
  metrics.observe(info, dryRunLabel(query), response.statusCode, (now - began) / 1000, size, waited);
}

/** Upstream counts what there is a route for. */
function isCounted({ info, response, flow }: Exchange): boolean {
  return info.resourceRequest ? flow?.routed !== false : countsPath(info.path, response);
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
