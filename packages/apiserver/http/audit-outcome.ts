import type { AuditTrail } from '../audit/trail.ts';
import type { ApiRequest, Outcome, RegistryContext } from '../registry/context.ts';
import type { Negotiated } from './forms/negotiate.ts';
import { renderOutcome } from './forms/render.ts';

/** Notes what a request came to. */
export function auditOutcome(
  audit: AuditTrail,
  context: RegistryContext,
  request: ApiRequest,
  outcome: Outcome,
  negotiated: Negotiated,
): void {
  if (outcome.kind === 'object' && outcome.object.kind === 'Status')
    audit.responseStatus(outcome.object as object);
  audit.responseObject(() => outcomeJson(context, request, outcome, negotiated));
}

/** JSON of what a client gets, whatever format it gets it in. */
function outcomeJson(
  context: RegistryContext,
  { resource, query }: ApiRequest,
  outcome: Outcome,
  negotiated: Negotiated,
): string {
  const asJson: Negotiated = { ...negotiated, format: 'json', pretty: false };
  const body = renderOutcome(resource, outcome, asJson, query['includeObject'] ?? '', context.clock.now());
  const parts = 'pieces' in body ? body.pieces : [...body.slices].map((slice) => Buffer.from(slice));
  // Answers may end with a line break, which would end the line of the event.
  return Buffer.concat(parts).toString('utf8').trimEnd();
}
