import { Client, type Transport } from '@coxswain/client';
import { type Access, buildAccess } from './access/access.ts';
import type { UserInfo } from './access/contract.ts';
import { loopbackUser } from './access/loopback-user.ts';
import { advertisedUrl } from './advertised-address.ts';
import { Aggregator, defaultAggregatorSettings } from './aggregator/aggregator.ts';
import type { ApiServerOptions } from './api-server-options.ts';
import { Discovery } from './http/non-resource/discovery.ts';
import { OpenStreams } from './http/open-streams.ts';
import { LoopbackTransport } from './loopback.ts';
import { loopbackRaw } from './loopback-raw.ts';
import { openCore, type ServerCore } from './server-core.ts';

/** The parts of a server that need one another to answer a request. */
export interface Assembly {
  readonly core: ServerCore;
  readonly access: Access;
  readonly aggregator: Aggregator;
  readonly documents: Discovery;
  readonly streams: OpenStreams;
  /** A client of the same process, acting as `user`. */
  loopback(user: UserInfo, userAgent?: string): Transport;
}

/** Builds what answers requests over the stored state; nothing runs yet beside the watch cache. */
export async function assemble(options: ApiServerOptions): Promise<Assembly> {
  let built: Access | undefined;
  const core = await openCore(options, () => {
    if (built === undefined) throw new Error('starting the API server: access is not built yet');
    return built;
  });
  const { context, reader, metrics, auditor } = core;
  const { resources, clock, logger, random } = context;
  const streams = new OpenStreams();
  const loopback = (user: UserInfo, userAgent = 'kube-apiserver'): Transport =>
    new LoopbackTransport(
      {
        context,
        access,
        auditor,
        streams,
        remote: (apiVersion) => aggregator.remote(apiVersion),
        raw: (path, user) => loopbackRaw(documents, aggregator, access, path, user),
      },
      user,
      userAgent,
    );
  const accessOptions = {
    clientCa: options.listen?.clientCA ?? '',
    ...options.access,
    logger,
    serverUrl: advertisedUrl(options),
    transport: () => loopback(loopbackUser),
    metrics: metrics.registry,
  };
  const access = buildAccess(accessOptions, reader, clock);
  built = access;
  const { external } = options.access;
  if (external !== undefined) metrics.addGauge(() => external.metrics());
  const aggregator = new Aggregator({
    settings: options.aggregator ?? defaultAggregatorSettings,
    resources,
    reader,
    client: new Client(loopback(loopbackUser)),
    clock,
    logger,
    random,
    metrics: metrics.registry,
  });
  const documents = new Discovery(resources, aggregator);
  return { core, access, aggregator, documents, streams, loopback };
}
