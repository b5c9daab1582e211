import type { Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { goQuote, isForbidden, StatusError } from '@coxswain/machinery';
import type { Access } from '../access/access.ts';
import { forbiddenError } from '../access/authorization/forbidden.ts';
import { selectedName } from '../access/authorization/selected-name.ts';
import type { Attributes, AuthenticationRequest, Decision, UserInfo } from '../access/contract.ts';
import type { RequestAudit } from '../audit/request-audit.ts';
import type { Asked } from './exchange.ts';
import type { AccessMetrics } from './metrics/access-metrics.ts';
import type { FilterMetrics } from './metrics/filter-metrics.ts';
import type { ParsedQuery } from './query.ts';
import type { Request } from './reply.ts';
import type { RequestAudits } from './request-audits.ts';
import type { RequestFlow } from './request-flow.ts';
import type { RequestInfo } from './request-info.ts';
import { warningHeader } from './warning-headers.ts';

/** No authorizer allowed a request, and one could not decide. Answered with 500 in plain text, as upstream does. */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError';
  readonly code = 'AUTHORIZATION_FAILED';
}

type PeerCertificate = Pick<AuthenticationRequest, 'peerCertificate' | 'peerChain' | 'untrustedCertificate'>;

const noCertificate: PeerCertificate = {};
const noUser: UserInfo = { name: '', groups: [] };

function peerCertificate(socket: TLSSocket, withChain: boolean): PeerCertificate {
  const der = socket.getPeerX509Certificate()?.raw;
  if (der === undefined) return noCertificate;
  if (!socket.authorized) return { untrustedCertificate: true };
  return withChain ? { peerCertificate: der, peerChain: chainOf(socket) } : { peerCertificate: der };
}

/** The certificates between the client's own and the authority's, as TLS put them together. */
function chainOf(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate = socket.getPeerCertificate(true);
  // the last one names itself as its issuer
  while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
    certificate = certificate.issuerCertificate;
    chain.push(certificate.raw);
  }
  return chain;
}

/** Finds out who makes a request over HTTP, and whether they may. */
export class RequestAccess {
  readonly #access: Access;
  /** Client certificates by connection: reading them is slow. */
  #certificates = new WeakMap<object, PeerCertificate>();
  /** That of the trust by which they were read. */
  #trust = 0;

  /** Resolves when what other servers have acknowledged is known; undefined where there are none. */
  readonly #freshen: () => Promise<void> | undefined;
  /** Absent: nothing is audited. */
  readonly #audits: RequestAudits | undefined;
  readonly #metrics: AccessMetrics | undefined;
  readonly #filters: FilterMetrics | undefined;

  constructor(
    access: Access,
    freshen: () => Promise<void> | undefined,
    audits?: RequestAudits,
    metrics?: AccessMetrics,
    filters?: FilterMetrics,
  ) {
    this.#filters = filters;
    this.#access = access;
    this.#freshen = freshen;
    this.#audits = audits;
    this.#metrics = metrics;
  }

  /**
   * The user the request acts as; throws the 401 or 403. Answers at once where the authorizers do. Nobody is turned
   * away for want of what another server has acknowledged: an account, a role.
   * @param asked its response is given the warning that a credential is worth; its flow has it wait for its place when it
   *   is known who makes it
   */
  userOf(asked: Asked): UserInfo | Promise<UserInfo> {
    const again = (error: unknown): Promise<UserInfo> => {
      if (isUnauthorized(error)) this.#metrics?.unauthenticated(true);
      const fresh = this.#freshen();
      if (fresh === undefined || !isRefusal(error)) throw error;
      const asBefore = (): never => {
        throw error;
      };
      return fresh.then(() => this.#userOf(asked), asBefore);
    };
    try {
      const user = this.#userOf(asked);
      return user instanceof Promise ? user.catch(again) : user;
    } catch (error) {
      return again(error);
    }
  }

  #userOf(asked: Asked): UserInfo | Promise<UserInfo> {
    if (this.#audits !== undefined) return this.#auditedUser(asked, this.#audits);
    const user = this.#authenticate(asked.request);
    // Nothing is audited: everybody gets through that filter at once.
    this.#filters?.end('audit', this.#filters.begin('audit'));
    if (user instanceof Promise) {
      return user.then((known) => {
        asked.flow?.waited();
        return this.#actingUser(asked, known);
      });
    }
    return this.#actingUser(asked, user);
  }

  /** What is to be written down of a request is decided as soon as it is known who makes it. */
  async #auditedUser(asked: Asked, audits: RequestAudits): Promise<UserInfo> {
    const { info, query, request } = asked;
    const audit = audits.of(request);
    const began = audits.now();
    let user: UserInfo;
    try {
      user = await this.#authenticate(request, audit);
      audit?.spent('authentication', audits.now() - began);
    } catch (error) {
      audit?.unauthenticated(attributesOf(info, query, noUser));
      throw error;
    }
    const came = this.#filters?.begin('audit') ?? 0;
    await audit?.authenticated(attributesOf(info, query, user));
    this.#filters?.end('audit', came);
    asked.flow?.waited();
    return this.#actingUser(asked, user);
  }

  #actingUser(asked: Asked, user: UserInfo): UserInfo | Promise<UserInfo> {
    const { info, query, request, response, flow } = asked;
    this.#metrics?.authenticated(user.name);
    if (user.warning !== undefined) response?.setHeader('Warning', warningHeader(user.warning));
    const attributes = attributesOf(info, query, user);
    const began = this.#audits?.now() ?? 0;
    const came = this.#filters?.begin('constrainedimpersonation') ?? 0;
    const acting = this.#access.impersonate(request, attributes);
    if (!(acting instanceof Promise)) {
      this.#filters?.end('constrainedimpersonation', came);
      return this.#admitAs(attributes, acting, request, flow);
    }
    // only who acts as somebody else is waited for
    return acting.then((as) => {
      this.#filters?.end('constrainedimpersonation', came);
      if (this.#audits !== undefined) {
        this.#audits.of(request)?.spent('impersonation', this.#audits.now() - began);
      }
      return this.#admitAs(attributes, as, request, flow);
    });
  }

  #admitAs(
    attributes: Attributes,
    user: UserInfo,
    request: Request,
    flow: RequestFlow | undefined,
  ): UserInfo | Promise<UserInfo> {
    if (flow === undefined) return this.#authorizeAs(attributes, user, request);
    const filters = flow.fair ? this.#filters : undefined;
    const came = filters?.begin('priorityandfairness') ?? 0;
    const admitted = flow.admit(user);
    if (admitted === undefined) {
      filters?.end('priorityandfairness', came);
      return this.#authorizeAs(attributes, user, request);
    }
    return admitted.then(() => {
      filters?.queued(flow.queuedMs);
      this.#audits?.of(request)?.spent('apf-queue-wait', flow.queuedMs);
      return this.#authorizeAs(attributes, user, request);
    });
  }

  #authorizeAs(attributes: Attributes, user: UserInfo, request: Request): UserInfo | Promise<UserInfo> {
    const audit = this.#audits?.of(request);
    if (user === attributes.user) return this.#authorize(attributes, audit);
    audit?.impersonated(user);
    return this.#authorize({ ...attributes, user }, audit);
  }

  #authenticate(request: Request, audit?: RequestAudit): UserInfo | Promise<UserInfo> {
    // Requests of HTTP/2 have a socket each, which stands for that of their session.
    const connection = (request as Http2ServerRequest).stream?.session ?? request.socket;
    const { trust } = this.#access;
    if (trust !== this.#trust) {
      this.#trust = trust;
      this.#certificates = new WeakMap();
    }
    let known = this.#certificates.get(connection);
    if (known === undefined) {
      known = peerCertificate(request.socket as unknown as TLSSocket, this.#access.wantsChains);
      this.#certificates.set(connection, known);
    }
    const { headers, rawHeaders, url = '' } = request;
    const asked = { headers, rawHeaders, url, ...known };
    return this.#timed(audit === undefined ? asked : { ...asked, audit });
  }

  /** Those who are turned away have got through as well: upstream answers them behind the filter. */
  #timed(request: AuthenticationRequest): UserInfo | Promise<UserInfo> {
    const filters = this.#filters;
    if (filters === undefined) return this.#access.authenticate(request);
    const came = filters.begin('authentication');
    let user: UserInfo | Promise<UserInfo>;
    try {
      user = this.#access.authenticate(request);
    } catch (error) {
      filters.end('authentication', came);
      throw error;
    }
    if (user instanceof Promise) return user.finally(() => filters.end('authentication', came));
    filters.end('authentication', came);
    return user;
  }

  #authorize(attributes: Attributes, audit: RequestAudit | undefined): UserInfo | Promise<UserInfo> {
    const began = audit === undefined ? 0 : (this.#audits?.now() ?? 0);
    const came = this.#filters?.begin('authorization') ?? 0;
    const allowed = (decided: Decision): UserInfo => {
      const { decision, reason, error } = decided;
      audit?.spent('authorization', (this.#audits?.now() ?? 0) - began);
      audit?.decided(decided);
      this.#metrics?.decided(decided);
      if (decision === 'allow') {
        this.#filters?.end('authorization', came);
        return attributes.user;
      }
      if (error !== undefined) throw new AuthorizationError(error);
      const denial = forbiddenError(attributes, reason);
      denials.add(denial);
      throw denial;
    };
    const decision = this.#access.authorize(attributes);
    return decision instanceof Promise ? decision.then(allowed) : allowed(decision);
  }
}

const denials = new WeakSet<object>();

/** Whether something thrown is an authorizer's denial: upstream answers those with a header of their own. */
export function isDenial(error: unknown): boolean {
  return typeof error === 'object' && error !== null && denials.has(error);
}

function isRefusal(error: unknown): boolean {
  return isForbidden(error) || isUnauthorized(error);
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof StatusError && error.status.code === 401;
}

function attributesOf(info: RequestInfo, query: ParsedQuery, user: UserInfo): Attributes {
  const { fieldSelector, labelSelector } = query.values;
  return {
    user,
    verb: info.verb,
    resourceRequest: info.resourceRequest,
    path: info.path,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name === '' && fieldSelector !== undefined ? selectedName(fieldSelector) : info.name,
    ...(fieldSelector === undefined || fieldSelector === '' ? {} : { fieldSelector }),
    ...(labelSelector === undefined || labelSelector === '' ? {} : { labelSelector }),
  };
}

/** As upstream words it; what a browser could take for markup is masked. */
export function internalErrorText(uri: string, error: Error): string {
  const text = `Internal Server Error: ${goQuote(uri)}: ${error.message}`;
  return `${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\n`;
}
