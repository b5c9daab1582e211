import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { ParsedQuery } from './query.ts';
import type { Request, Response } from './reply.ts';

/** Serves `/openapi/v2` and `/openapi/v3`; false where there is no such document. */
export function serveOpenApi(
  _api: unknown,
  _resources: ResourceRegistry,
  _path: string,
  _query: ParsedQuery,
  _request: Request,
  _response: Response,
): boolean {
  return false;
}
