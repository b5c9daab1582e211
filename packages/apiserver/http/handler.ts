import type { TLSSocket } from 'node:tls';
import { newBadRequest, type StatusError } from '@coxswain/machinery';
import type { Access } from '../access/access.ts';
import type { UserInfo } from '../access/contract.ts';
import type { Aggregator } from '../aggregator/aggregator.ts';
import { TooManyRequests } from '../flow-control/contract.ts';
import type { ApiRequest, Outcome, RegistryContext, RequestBody } from '../registry/context.ts';
import { execute } from '../registry/execute.ts';
import {
  applyPatchType,
  jsonPatchType,
  mergePatchType,
  strategicPatchType,
} from '../registry/patch/patch-types.ts';
import type { ServedResource } from '../registry/resource-registry.ts';
import { beforeWatch } from '../registry/watch.ts';
import { answerFault, answerTimeIsOver, type FaultListeners, refuseUpgrade } from './answer-fault.ts';
import { auditOutcome } from './audit-outcome.ts';
import type { Connector } from './connect/connector.ts';
import { unsupportedCustomPatch } from './custom-requests.ts';
import { checkEndpoint, isConnection, resourceOf } from './endpoint.ts';
import type { Asked, Exchange } from './exchange.ts';
import { endpointForm } from './forms/endpoint-form.ts';
import type { Negotiated } from './forms/negotiate.ts';
import { renderOutcome } from './forms/render.ts';
import { dryRunLabel, measureRequest } from './measure-request.ts';
import { FilterMetrics } from './metrics/filter-metrics.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { OpenStreams } from './open-streams.ts';
import { type ParsedQuery, parseQuery } from './query.ts';
import { dropBody, readBody } from './read-body.ts';
import { type Request, type Response, reply } from './reply.ts';
import { RequestAccess } from './request-access.ts';
import type { RequestAudits } from './request-audits.ts';
import type { RequestFlows, TimedOut } from './request-flow.ts';
import { parseRequestInfo, type RequestInfo } from './request-info.ts';
import { requestTimedOut } from './request-timeout.ts';
import { methodNotAllowed, routeNotFound, statusOf, unsupportedPatchType } from './status-errors.ts';
import { HttpWatchOutput } from './watch/watch-output.ts';
import { serveWatch } from './watch/watch-stream.ts';
import { type WebSocketUpgrade, WebSocketWatchOutput } from './watch/web-socket-watch-output.ts';

/** Serves what is no resource: discovery, health, metrics. Gives false where there is no such path. */
export type NonResourceHandler = (
  info: RequestInfo,
  query: ParsedQuery,
  user: UserInfo,
  request: Request,
  response: Response,
) => boolean | Promise<boolean>;

export interface HandlerOptions {
  readonly context: RegistryContext;
  readonly access: Access;
  readonly metrics: Metrics;
  readonly nonResource: NonResourceHandler;
  readonly connector: Connector;
  /** Knows the versions that other servers serve. */
  readonly aggregator: Aggregator;
  readonly streams: OpenStreams;
  /** Absent: nothing is audited. */
  readonly audits?: RequestAudits;
  /** Absent: any number of requests at once, and each as long as it takes. */
  readonly flows?: RequestFlows;
  /** `--min-request-timeout`: how long a watch lasts at least; absent: upstream's default. */
  readonly minWatchMs?: number;
}

const switchingProtocols = 101;
const noWarnings: readonly string[] = [];
const patchTypes: ReadonlySet<string> = new Set([
  jsonPatchType,
  mergePatchType,
  strategicPatchType,
  applyPatchType,
]);
const bodyVerbs: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

const streamSubresources: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** Kinds of the core group whose every use is warned of. */
const deprecations: Readonly<Record<string, string>> = {
  ComponentStatus: 'v1 ComponentStatus is deprecated in v1.19+',
  Endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

/** One request after the other through the four layers. */
export class RequestHandler {
  readonly #options: HandlerOptions;
  readonly #access: RequestAccess;
  readonly #listeners: FaultListeners;

  constructor(options: HandlerOptions) {
    this.#options = options;
    const freshen = (): Promise<void> | undefined => options.context.watchCache.freshen();
    const { metrics, audits, context } = options;
    this.#listeners = { metrics, audits, logger: context.logger };
    const filters = new FilterMetrics(metrics.registry, context.clock);
    this.#access = new RequestAccess(options.access, freshen, audits, metrics.access, filters);
  }

  /** Answers a request whose time is over. */
  readonly #timedOut: TimedOut = ({ info, request, response, isWriting }) => {
    this.#options.metrics.terminated(info, 504);
    if (isWriting) this.#fail(requestTimedOut(), request, response, info);
    else answerTimeIsOver(this.#options.audits?.of(request), response);
    dropBody(request, response);
  };

  /** Answers a request; never rejects. */
  async handle(request: Request, response: Response): Promise<void> {
    const { clock } = this.#options.context;
    const began = clock.monotonic();
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1));
    let exchange: Exchange | undefined;
    const { audits, flows } = this.#options;
    let dropped = false;
    audits?.begin(request);
    try {
      const info = parseRequestInfo(request.method ?? 'GET', path, query.watch, url);
      exchange = { info, query, request, response, began, flow: undefined };
      audits?.watchHead(request, response, info);
      exchange.flow = flows?.begin(exchange, this.#timedOut);
      const acting = this.#access.userOf(exchange);
      const allowed = acting instanceof Promise ? await acting : acting;
      const remote = this.#options.aggregator.serverOf(info);
      if (remote !== undefined) {
        const endless = info.verb === 'watch';
        const proxied = this.#options.aggregator.proxy(remote, allowed, request, response, endless);
        // Another server's watch takes no place here while it lasts.
        if (endless) {
          exchange.flow?.release(clock.monotonic());
          proxied.catch((error: unknown) => this.#fail(error, request, response, info));
        } else await proxied;
      } else if (!info.resourceRequest) {
        const served = this.#options.nonResource(info, query, allowed, request, response);
        if (!(typeof served === 'boolean' ? served : await served)) throw routeNotFound();
      } else {
        const served = this.#serveResource(exchange, allowed);
        if (served !== undefined) await served;
      }
    } catch (error) {
      if (error instanceof TooManyRequests && exchange !== undefined) {
        dropped = true;
        this.#options.metrics.dropped(exchange.info, dryRunLabel(query));
      }
      this.#fail(error, request, response, exchange?.info);
    }
    audits?.served(request, response);
    const ended = clock.monotonic();
    exchange?.flow?.served(ended);
    if (exchange !== undefined && !dropped) measureRequest(this.#options.metrics, clock, exchange, ended);
  }

  /** Authenticates and authorizes an upgraded connection and hands it on. */
  async upgrade(request: Request, socket: TLSSocket, head: Buffer): Promise<void> {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1));
    const audit = this.#options.audits?.begin(request);
    try {
      const info = parseRequestInfo(request.method ?? 'GET', path, query.watch, url);
      const asked: Asked = { info, query, request, response: undefined, flow: undefined };
      const user = await this.#access.userOf(asked);
      const { aggregator } = this.#options;
      const remote = aggregator.serverOf(info);
      if (remote !== undefined) {
        await aggregator.upgrade(remote, user, request, socket, head);
        audit?.responseStarted(switchingProtocols);
        socket.once('close', () => audit?.ended(switchingProtocols));
        return;
      }
      // A WebSocket begins with a GET, but to run something in a pod takes the right to create.
      if (info.verb === 'get' && streamSubresources.has(info.subresource)) {
        await this.#access.userOf({ ...asked, info: { ...info, verb: 'create' } });
      }
      if (!info.resourceRequest) throw routeNotFound();
      const resource = resourceOf(this.#options.context.resources, info);
      const apiRequest = this.#apiRequest(asked, user, resource, []);
      if (info.verb === 'watch') await this.#watchOverWebSocket(info, apiRequest, { request, socket, head });
      else if (!isConnection(info)) throw methodNotAllowed();
      else await this.#options.connector.upgrade(info, apiRequest, request, socket, head);
      if (audit !== undefined) {
        audit.responseStarted(switchingProtocols);
        socket.once('close', () => audit.ended(switchingProtocols));
      }
    } catch (error) {
      const status = statusOf(error);
      audit?.responseStatus(status);
      audit?.ended(status.code);
      refuseUpgrade(request, socket, status);
    }
  }

  async #watchOverWebSocket(
    info: RequestInfo,
    apiRequest: ApiRequest,
    upgrade: WebSocketUpgrade,
  ): Promise<void> {
    const { context, streams, metrics, minWatchMs } = this.#options;
    checkEndpoint(apiRequest.resource, info, 'GET');
    const negotiated = endpointForm(upgrade.request, info, apiRequest.resource, undefined);
    const failure = await beforeWatch(context, apiRequest);
    const output = new WebSocketWatchOutput(upgrade, negotiated.format === 'json');
    serveWatch(context, apiRequest, negotiated, output, streams, {
      ...(minWatchMs === undefined ? {} : { minTimeoutMs: minWatchMs }),
      ...(failure === undefined ? {} : { failure }),
      events: metrics.watchEvents(info),
    });
  }

  #serveResource(exchange: Exchange, user: UserInfo): void | Promise<void> {
    const { info, query, request, response, flow } = exchange;
    const { context, connector, streams, flows, minWatchMs } = this.#options;
    const resource = resourceOf(context.resources, info);
    const { fact } = resource;
    checkEndpoint(resource, info, request.method ?? 'GET');
    if (info.verb === 'patch' && !isConnection(info)) checkPatchType(resource, info, request);
    if (flow !== undefined) flow.routed = true;
    const negotiated = endpointForm(request, info, resource, query.values['pretty']);
    const warnings: string[] = [];
    const deprecated = deprecations[fact.kind];
    if (deprecated !== undefined && fact.group === '') {
      warnings.push(deprecated);
      this.#options.metrics.deprecated(info, '');
      this.#options.audits?.of(request)?.annotate('k8s.io/deprecated', 'true');
    }
    if (resource.custom !== undefined && resource.custom.deprecation !== '') {
      warnings.push(resource.custom.deprecation);
    }
    if (info.verb === 'watch') {
      const apiRequest = this.#apiRequest(exchange, user, resource, warnings);
      const serve = (failure?: StatusError): void =>
        serveWatch(context, apiRequest, negotiated, new HttpWatchOutput(request, response), streams, {
          ...(minWatchMs === undefined ? {} : { minTimeoutMs: minWatchMs }),
          ...(failure === undefined ? {} : { failure }),
          warnings,
          begun: () => flow?.release(context.clock.monotonic()),
          listed: () =>
            flow && this.#options.metrics.watchListed(info, context.clock.monotonic() - flow.began),
          events: this.#options.metrics.watchEvents(info),
        });
      return beforeWatch(context, apiRequest)?.then(serve) ?? serve();
    }
    if (isConnection(info)) {
      const apiRequest = this.#apiRequest(exchange, user, resource, warnings);
      return connector.request(info, apiRequest, request, response);
    }
    if (bodyVerbs.has(info.verb)) {
      const contentType = request.headers['content-type'] ?? '';
      return readBody(request).then((bytes) => {
        this.#options.metrics.bodyRead(info, bytes.length);
        if (flow !== undefined) flows?.writes(flow);
        const apiRequest = this.#apiRequest(exchange, user, resource, warnings, { bytes, contentType });
        return this.#answer(exchange, apiRequest, negotiated, warnings);
      });
    }
    return this.#answer(exchange, this.#apiRequest(exchange, user, resource, warnings), negotiated, warnings);
  }

  #apiRequest(
    { info, query, request, response, flow }: Asked,
    user: UserInfo,
    resource: ServedResource,
    warnings: string[],
    body?: RequestBody,
  ): ApiRequest {
    return {
      verb: info.verb,
      resource,
      subresource: info.subresource,
      namespace: resource.fact.namespaced ? info.namespace : '',
      name: info.name,
      user,
      query: query.values,
      dryRun: query.dryRun,
      body,
      patchType: info.verb === 'patch' ? bareType(request.headers['content-type'] ?? '') : '',
      userAgent: (request.headers['user-agent'] as string | undefined) ?? '',
      client: body === undefined ? undefined : response,
      audit: this.#options.audits?.of(request),
      webhookTimes: flow,
      warn: (text) => {
        if (!warnings.includes(text)) warnings.push(text);
      },
    };
  }

  #answer(
    { request, response }: Exchange,
    apiRequest: ApiRequest,
    negotiated: Negotiated,
    warnings: readonly string[],
  ): void | Promise<void> {
    const { audit } = apiRequest;
    const { audits, context } = this.#options;
    let outcome: Outcome | Promise<Outcome>;
    try {
      outcome = execute(context, apiRequest);
    } catch (error) {
      this.#failWith(error, request, response, warnings);
      return;
    }
    const send = (done: Outcome): void => {
      // The answer may have been that it took too long.
      if (response.headersSent) return;
      const includeObject = apiRequest.query['includeObject'] ?? '';
      const { resource } = apiRequest;
      const now = context.clock.now();
      if (audit === undefined || audits === undefined) {
        const rendered = renderOutcome(resource, done, negotiated, includeObject, now);
        reply(request, response, done.status, rendered, warnings);
        return;
      }
      let began = audits.now();
      const rendered = renderOutcome(resource, done, negotiated, includeObject, now, () => {
        const transformed = audits.now();
        audit.spent('transform-response-object', transformed - began);
        began = transformed;
      });
      const made = audits.now();
      auditOutcome(audit, context, apiRequest, done, negotiated);
      reply(request, response, done.status, rendered, warnings);
      audits.wrote(audit, response, began, made);
    };
    if (!(outcome instanceof Promise)) {
      send(outcome);
      return;
    }
    return outcome.then(send).catch((error: unknown) => this.#failWith(error, request, response, warnings));
  }

  #fail(error: unknown, request: Request, response: Response, info: RequestInfo | undefined): void {
    this.#failWith(error, request, response, noWarnings, info);
  }

  #failWith(
    error: unknown,
    request: Request,
    response: Response,
    warnings: readonly string[],
    info?: RequestInfo,
  ): void {
    answerFault(this.#listeners, { request, response, warnings, info }, error);
  }
}

/** The router knows patches by their Content-Type; custom resources have no Go type to merge strategically. */
function checkPatchType(resource: ServedResource, { name }: RequestInfo, { headers }: Request): void {
  const type = bareType(headers['content-type'] ?? '');
  const custom = resource.custom !== undefined;
  if (patchTypes.has(type) && !(custom && type === strategicPatchType)) {
    if (name === '') throw newBadRequest('name must be provided');
    return;
  }
  throw custom ? unsupportedCustomPatch() : unsupportedPatchType();
}

function bareType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim();
}
