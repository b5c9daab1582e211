import type { ResourceFact } from '@coxswain/machinery';
import type { ApiRequest, Outcome, RegistryContext } from './context.ts';
import { statusSubresource } from './status.ts';

/** Serves one subresource. */
export type SubresourceHandler = (
  context: RegistryContext,
  request: ApiRequest,
) => Outcome | Promise<Outcome>;

const handlers = new Map<string, SubresourceHandler>([['*/status', statusSubresource]]);

/** `resource` as in `pods` or `deployments.apps`; `*` for every resource that has the subresource. */
export function registerSubresource(
  resource: string,
  subresource: string,
  handler: SubresourceHandler,
): void {
  handlers.set(`${resource}/${subresource}`, handler);
}

/** The handler of a subresource; undefined where it has none. */
export function subresourceHandler(
  fact: Pick<ResourceFact, 'group' | 'resource'>,
  subresource: string,
): SubresourceHandler | undefined {
  const resource = fact.group === '' ? fact.resource : `${fact.resource}.${fact.group}`;
  return handlers.get(`${resource}/${subresource}`) ?? handlers.get(`*/${subresource}`);
}
