import type { Assembly } from '../assemble.ts';
import type { Limits } from '../flow-control/build-limits.ts';
import type { KubeletClientOptions } from './connect/backend.ts';
import { Connector } from './connect/connector.ts';
import { RequestHandler } from './handler.ts';
import { debugPaths } from './non-resource/debug/debug-paths.ts';
import { nonResourceHandler } from './non-resource/non-resource.ts';
import { RequestAudits } from './request-audits.ts';

/**
 * Puts together what answers requests.
 * @param address `HOST:PORT` of the server, asked for once it listens
 */
export function buildHandler(
  { core, access, aggregator, documents, streams }: Assembly,
  limits: Limits,
  kubelet: KubeletClientOptions,
  address: () => string,
): RequestHandler {
  const { context, metrics, health, serving, auditor } = core;
  const nonResource = nonResourceHandler({
    resources: context.resources,
    discovery: documents,
    aggregator,
    health,
    metrics,
    debug: debugPaths({
      clock: context.clock,
      profiling: serving.profiling,
      control: limits.control,
      setVerbosity: serving.setVerbosity,
    }),
    clock: context.clock,
    flags: serving.flags,
    issuerDiscovery: access.issuerDiscovery,
    address,
  });
  return new RequestHandler({
    context,
    access,
    metrics,
    nonResource,
    connector: new Connector(context, kubelet),
    aggregator,
    streams,
    flows: limits.flows,
    minWatchMs: serving.minRequestTimeoutMs,
    ...(auditor === undefined ? {} : { audits: new RequestAudits(auditor, context.clock) }),
  });
}
