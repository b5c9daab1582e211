import type { ResourceRequest, ResourceWatchRequest, Transport } from '@coxswain/client';
import { type KubeList, type KubeObject, writeJson } from '@coxswain/machinery';
import type { Access } from './access/access.ts';
import { forbiddenError } from './access/authorization/forbidden.ts';
import { selectedName } from './access/authorization/selected-name.ts';
import type { Attributes, Decision, UserInfo } from './access/contract.ts';
import type { RemoteServer } from './aggregator/remote-server.ts';
import type { Auditor } from './audit/auditor.ts';
import type { RequestAudit } from './audit/request-audit.ts';
import type { OpenStreams } from './http/open-streams.ts';
import { routeNotFound } from './http/status-errors.ts';
import { auditLoopback } from './loopback-audit.ts';
import { presentOutcome } from './loopback-objects.ts';
import { LoopbackWatch } from './loopback-watch.ts';
import type { ApiRequest, RegistryContext, RequestQuery } from './registry/context.ts';
import { execute } from './registry/execute.ts';
import type { ServedResource } from './registry/resource-registry.ts';
import { beforeWatch } from './registry/watch.ts';

/** What a loopback needs of its server. */
export interface LoopbackServer {
  readonly context: RegistryContext;
  readonly access: Access;
  /** Absent: nothing is audited. */
  readonly auditor?: Auditor | undefined;
  /** Watches that a shutdown ends. */
  readonly streams: OpenStreams;
  /** The server of a version that this one does not serve; undefined where there is none. */
  remote(apiVersion: string): RemoteServer | undefined;
  /** Serves paths that are no resources as text. */
  raw(path: string, user: UserInfo, accept: string): Promise<string>;
}

/**
 * A transport into a server of the same process: no sockets and no JSON. It runs authorization and admission
 * as its user; the objects it gives are the watch cache's own, frozen.
 */
export class LoopbackTransport implements Transport {
  readonly #server: LoopbackServer;
  readonly #user: UserInfo;
  readonly #userAgent: string;

  constructor(server: LoopbackServer, user: UserInfo, userAgent: string) {
    this.#server = server;
    this.#user = user;
    this.#userAgent = userAgent;
  }

  request(request: ResourceRequest): Promise<KubeObject | KubeList> {
    const { auditor } = this.#server;
    if (auditor === undefined) return this.#request(request, undefined);
    return auditLoopback(auditor, request, this.#userAgent, (audit) => this.#request(request, audit));
  }

  async #request(request: ResourceRequest, audit: RequestAudit | undefined): Promise<KubeObject | KubeList> {
    request.signal?.throwIfAborted();
    const remote = this.#server.remote(versionOf(request));
    if (remote !== undefined) {
      await this.#authorize(request, request.verb, request.namespace ?? '', audit);
      return remote.clientFor(this.#user).request(request);
    }
    const resource = this.#resource(request);
    await this.#authorize(request, request.verb, namespaceOf(request, resource), audit);
    const apiRequest = this.#apiRequest(request, request.verb, resource, audit);
    const outcome = await execute(this.#server.context, apiRequest);
    const presented = presentOutcome(resource, outcome);
    const answer = presented instanceof Promise ? await presented : presented;
    if (audit !== undefined) {
      if (answer.kind === 'Status') audit.responseStatus(answer as object);
      audit.responseObject(() => writeJson(answer));
      audit.ended(outcome.status);
    }
    return answer;
  }

  watch(request: ResourceWatchRequest): Promise<void> {
    const { auditor } = this.#server;
    if (auditor === undefined) return this.#watch(request, undefined);
    return auditLoopback(auditor, request, this.#userAgent, (audit) => this.#watch(request, audit));
  }

  async #watch(request: ResourceWatchRequest, audit: RequestAudit | undefined): Promise<void> {
    const { signal } = request;
    if (signal?.aborted) return;
    const remote = this.#server.remote(versionOf(request));
    if (remote !== undefined) {
      await this.#authorize(request, 'watch', request.namespace ?? '', audit);
      return remote.clientFor(this.#user).watch(request);
    }
    const resource = this.#resource(request);
    await this.#authorize(request, 'watch', namespaceOf(request, resource), audit);
    const { context, streams } = this.#server;
    const failure = await beforeWatch(context, this.#apiRequest(request, 'watch', resource, audit));
    if (failure !== undefined) throw failure;
    if (signal?.aborted) return;
    audit?.responseStarted(200);
    const apiRequest = this.#apiRequest(request, 'watch', resource, undefined);
    await new LoopbackWatch(context, apiRequest, request, streams).run();
  }

  raw(path: string, options?: { readonly accept?: string; readonly signal?: AbortSignal }): Promise<string> {
    return this.#server.raw(path, this.#user, options?.accept ?? '*/*');
  }

  #resource(request: ResourceRequest | ResourceWatchRequest): ServedResource {
    const resource = this.#server.context.resources.find(versionOf(request), request.resource);
    if (resource === undefined) throw routeNotFound();
    const { subresource = '' } = request;
    if (subresource !== '' && !resource.fact.subresources.has(subresource)) throw routeNotFound();
    return resource;
  }

  #authorize(
    request: ResourceRequest | ResourceWatchRequest,
    verb: string,
    namespace: string,
    audit: RequestAudit | undefined,
  ): void | Promise<void> {
    const { fieldSelector, labelSelector } = request.options ?? {};
    const attributes: Attributes = {
      user: this.#user,
      verb,
      resourceRequest: true,
      path: '',
      group: request.group,
      version: request.version,
      resource: request.resource,
      subresource: request.subresource ?? '',
      namespace,
      name: request.name ?? selectedName(fieldSelector ?? ''),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    const check = (decision: Decision): void => {
      audit?.decided(decision);
      if (decision.decision !== 'allow') throw forbiddenError(attributes, decision.reason);
    };
    const ask = (): void | Promise<void> => {
      const decision = this.#server.access.authorize(attributes);
      return decision instanceof Promise ? decision.then(check) : check(decision);
    };
    const ready = audit?.authenticated(attributes);
    return ready instanceof Promise ? ready.then(ask) : ask();
  }

  #apiRequest(
    request: ResourceRequest | ResourceWatchRequest,
    verb: string,
    resource: ServedResource,
    audit: RequestAudit | undefined,
  ): ApiRequest {
    const { options } = request;
    const body = 'body' in request ? request.body : undefined;
    return {
      verb,
      resource,
      subresource: request.subresource ?? '',
      namespace: namespaceOf(request, resource),
      name: request.name ?? '',
      user: this.#user,
      query: verb === 'watch' ? { ...queryOf(options), watch: 'true' } : queryOf(options),
      dryRun: options?.dryRun === undefined ? [] : [options.dryRun],
      body: body === undefined ? undefined : { object: body },
      patchType: 'patchType' in request ? (request.patchType ?? '') : '',
      userAgent: this.#userAgent,
      audit,
      warn: (text) => this.#server.context.logger.debug('warning for a request in process', { text }),
    };
  }
}

type Named = Pick<ResourceRequest, 'group' | 'version' | 'namespace'>;

function versionOf({ group, version }: Named): string {
  return group === '' ? version : `${group}/${version}`;
}

function namespaceOf({ namespace = '' }: Named, { fact }: ServedResource): string {
  return fact.namespaced ? namespace : '';
}

function queryOf(options: ResourceRequest['options']): RequestQuery {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value !== undefined) query[name] = String(value);
  }
  return query;
}
