import type { TLSSocket } from 'node:tls';
import type { Client, ResourceClient } from '@coxswain/client';
import type { Clock, KubeObject, Logger, MetricsRegistry } from '@coxswain/machinery';
import type { ObjectReader, UserInfo } from '../access/contract.ts';
import type { RequestHeaderOptions } from '../bootstrap/authentication-config-map.ts';
import { OpenStreams } from '../http/open-streams.ts';
import type { Request, Response } from '../http/reply.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type ApiService, apiServices, referenceOf } from './api-service.ts';
import { AutoRegister } from './auto-register.ts';
import { AvailabilityController } from './availability-controller.ts';
import { AvailabilityMetrics } from './availability-metrics.ts';
import { builtInPriority, customPriority, type PlacedVersion, type Priority } from './priorities.ts';
import { proxyRequest, proxyUpgrade } from './proxy-request.ts';
import { RemoteDiscovery, type VersionDiscovery } from './remote-discovery.ts';
import { RemoteOpenApi } from './remote-openapi.ts';
import { RemoteServer, type RemoteSettings } from './remote-server.ts';
import { endpointSlices, type Routing, serviceOfSlice, services } from './resolve-service.ts';

/** How the server stands before others. */
export interface AggregatorSettings {
  /** `--enable-aggregator-routing`. */
  readonly routing: Routing;
  /** Gives `--proxy-client-cert-file` and `-key-file`, PEM, when the first server is there that asks for it. */
  readonly proxyClient?: () => { readonly cert: string; readonly key: string };
  /** Calls `renewed` whenever `proxyClient` gives another one; absent: it stays. Returns what stops it. */
  readonly followProxyClient?: (renewed: () => void, clock: Clock, logger: Logger) => () => void;
  /** How servers behind this one know it, where it takes no front proxy's word itself: told in a ConfigMap. */
  readonly trust?: RequestHeaderOptions;
  /** `--aggregator-reject-forwarding-redirect`. */
  readonly refuseRedirects: boolean;
}

export const defaultAggregatorSettings: AggregatorSettings = { routing: 'cluster-ip', refuseRedirects: true };

export interface AggregatorOptions {
  readonly settings: AggregatorSettings;
  readonly resources: ResourceRegistry;
  readonly reader: ObjectReader;
  /** Acts as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly metrics: MetricsRegistry;
}

/** Knows who serves which version of which group, keeps the APIServices, and hands requests on. */
export class Aggregator {
  readonly #options: AggregatorOptions;
  readonly #remoteSettings: RemoteSettings;
  /** By `group/version`. */
  readonly #remotes = new Map<string, RemoteServer>();
  readonly #autoRegister: AutoRegister;
  readonly #availability: AvailabilityController;
  readonly #discovery: RemoteDiscovery;
  readonly #openApi: RemoteOpenApi;
  readonly #streams = new OpenStreams();
  readonly #stops: (() => void)[] = [];
  /** What ends following services; absent while no version has another server. */
  #stopServices: (() => void)[] | undefined;
  #generation = 0;
  /** Every version that is built in has had its APIService: one that has none was taken out of discovery. */
  #registered = false;

  constructor(options: AggregatorOptions) {
    const { settings, reader, client, clock, logger, random, resources, metrics } = options;
    const { routing, proxyClient } = settings;
    this.#options = options;
    this.#remoteSettings = { reader, routing, random, ...(proxyClient === undefined ? {} : { proxyClient }) };
    const typed: ResourceClient<ApiService> = client.resource<ApiService>(apiServices);
    this.#availability = new AvailabilityController({
      reader,
      client: typed,
      clock,
      logger,
      metrics: new AvailabilityMetrics(metrics),
      remote: (name) => this.#byName(name),
    });
    this.#autoRegister = new AutoRegister({ reader, resources, client, clock, logger });
    this.#discovery = new RemoteDiscovery(clock, () => void this.#generation++);
    this.#openApi = new RemoteOpenApi(clock);
  }

  start(): void {
    const { reader, settings, clock, logger } = this.#options;
    const renew = (): void => {
      for (const remote of this.#remotes.values()) remote.renew();
    };
    if (settings.followProxyClient !== undefined) {
      this.#stops.push(settings.followProxyClient(renew, clock, logger));
    }
    for (const service of reader.list(apiServices, '')) this.#changed(service as ApiService);
    this.#stops.push(
      reader.onChange(apiServices, (before, after) => {
        if (after !== undefined) this.#changed(after as ApiService);
        else if (before !== undefined) this.#gone(before as ApiService);
      }),
    );
    this.#autoRegister.start();
    void this.#autoRegister.idle().then(() => {
      this.#registered = true;
      this.#generation++;
    });
  }

  /** Stops looking at APIServices and ends the watches of other servers' objects; other requests go on. */
  close(): void {
    for (const stop of [...this.#stops, ...(this.#stopServices ?? [])]) stop();
    this.#autoRegister.close();
    this.#availability.close();
    this.#discovery.close();
    this.#openApi.close();
    this.#streams.close();
  }

  /** Breaks the connections to other servers, when no request is under way any more. */
  disconnect(): void {
    for (const remote of this.#remotes.values()) remote.close();
    this.#remotes.clear();
  }

  /** The server behind this one that a request is for; undefined where it is this one. */
  serverOf(info: RequestInfo): RemoteServer | undefined {
    if (this.#remotes.size === 0) return undefined;
    if (info.resourceRequest) return this.#remotes.get(info.apiVersion);
    const [, root, group = '', version = ''] = info.path.split('/');
    return root === 'apis' && version !== '' ? this.#remotes.get(`${group}/${version}`) : undefined;
  }

  /** The server of `group/version`; undefined where it is this one. */
  remote(apiVersion: string): RemoteServer | undefined {
    return this.#remotes.get(apiVersion);
  }

  /** @param endless whether the answer lasts as long as somebody wants it: a watch */
  async proxy(
    remote: RemoteServer,
    user: UserInfo,
    request: Request,
    response: Response,
    endless = false,
  ): Promise<void> {
    const end = (): void => void response.destroy();
    if (endless) this.#streams.add(end);
    try {
      await proxyRequest(remote, user, request, response, this.#options.settings.refuseRedirects);
    } finally {
      this.#streams.delete(end);
    }
  }

  upgrade(
    remote: RemoteServer,
    user: UserInfo,
    request: Request,
    socket: TLSSocket,
    head: Buffer,
  ): Promise<void> {
    return proxyUpgrade(remote, user, request, socket, head);
  }

  /** The documents of the servers behind this one. */
  get openApi(): RemoteOpenApi {
    return this.#openApi;
  }

  /** How many versions other servers serve. */
  get size(): number {
    return this.#remotes.size;
  }

  /** Every server behind this one. */
  get remotes(): Iterable<RemoteServer> {
    return this.#remotes.values();
  }

  /** Changes whenever `placed` or `remoteVersion` may give something else, but for what the registry tells. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Every version of every group but the core's, whoever serves it: those of which an APIService tells. Nobody
   * waits for those that the server is about to write.
   */
  placed(): readonly PlacedVersion[] {
    const { reader, resources } = this.#options;
    const found = new Map<string, PlacedVersion>();
    const place = (group: string, version: string, priority: Priority): void => {
      if (group !== '') found.set(`${group}/${version}`, { group, version, priority });
    };
    for (const apiVersion of resources.versions()) {
      const [first] = resources.resourcesOf(apiVersion);
      if (first === undefined) continue;
      const { group, version } = first.fact;
      if (first.custom !== undefined) place(group, version, customPriority);
      else if (group === apiServices.group || !this.#registered)
        place(group, version, builtInPriority(group, version));
    }
    for (const one of reader.list(apiServices, '')) {
      const { group = '', version, groupPriorityMinimum, versionPriority } = (one as ApiService).spec;
      if (group === apiServices.group) continue;
      place(group, version, { group: groupPriorityMinimum, version: versionPriority });
    }
    return [...found.values()];
  }

  /** What another server serves of a version; undefined where this one serves it. */
  remoteVersion(group: string, version: string): VersionDiscovery | undefined {
    const remote = this.#remotes.get(`${group}/${version}`);
    return remote === undefined ? undefined : this.#discovery.versionOf(remote);
  }

  #byName(name: string): RemoteServer | undefined {
    for (const remote of this.#remotes.values()) if (remote.name === name) return remote;
    return undefined;
  }

  #changed(service: ApiService): void {
    const name = service.metadata.name as string;
    this.#generation++;
    if (referenceOf(service) === undefined) {
      this.#drop(service);
      this.#availability.check(name);
      return;
    }
    const key = keyOf(service);
    const known = this.#remotes.get(key);
    if (known?.take(service) === true) {
      this.#discovery.refresh(known);
      this.#availability.check(name);
      return;
    }
    known?.retire();
    const remote = new RemoteServer(service, this.#remoteSettings);
    this.#remotes.set(key, remote);
    this.#followServices();
    this.#discovery.refresh(remote);
    this.#availability.check(name);
  }

  #gone(service: ApiService): void {
    this.#generation++;
    this.#availability.forget(service.metadata.name as string);
    this.#drop(service);
  }

  /** From now on the version is this server's, or nobody's. */
  #drop(service: ApiService): void {
    const key = keyOf(service);
    const known = this.#remotes.get(key);
    if (known === undefined) return;
    this.#remotes.delete(key);
    this.#discovery.forget(known.name);
    this.#openApi.forget(known.name);
    known.retire();
    if (this.#remotes.size > 0) return;
    for (const stop of this.#stopServices ?? []) stop();
    this.#stopServices = undefined;
  }

  #followServices(): void {
    const { reader } = this.#options;
    const changed = (namespace: string, name: string): void => {
      for (const remote of this.#remotes.values()) {
        if (remote.reference.namespace !== namespace || remote.reference.name !== name) continue;
        remote.forgetTargets();
        this.#availability.check(remote.name);
      }
    };
    this.#stopServices ??= [
      reader.onChange(services, (before, after) => {
        const { namespace = '', name = '' } = ((after ?? before) as KubeObject).metadata;
        changed(namespace, name);
      }),
      reader.onChange(endpointSlices, (before, after) => {
        const slice = (after ?? before) as KubeObject;
        changed(slice.metadata.namespace ?? '', serviceOfSlice(slice));
      }),
    ];
  }
}

function keyOf({ spec }: ApiService): string {
  const { group = '', version } = spec;
  return group === '' ? version : `${group}/${version}`;
}
