import type { Clock, Histogram, KubeObject, MetricsRegistry } from '@coxswain/machinery';
import { loadVerificationKey, type VerificationKey } from '@coxswain/pki';
import { WebhookMetrics } from '../extensions/admission/webhook-metrics.ts';
import { AdmissionChain } from './admission/chain.ts';
import { PluginMetrics } from './admission/measured-plugin.ts';
import { buildPlugins } from './admission/plugins.ts';
import { BootstrapTokens } from './authentication/bootstrap-token.ts';
import { ClientCertificates } from './authentication/client-certificate.ts';
import { buildFrontProxy, clientsOf } from './authentication/front-proxy/front-proxy.ts';
import { RequestAuthenticator } from './authentication/request-authenticator.ts';
import { StaticTokens } from './authentication/static-token.ts';
import type { TokenAuthenticator } from './authentication/token.ts';
import { TokenUnion } from './authentication/token-union.ts';
import { Modes } from './authorization/modes.ts';
import { AuthorizerUnion } from './authorization/union.ts';
import type { Attributes, AuthenticationRequest, Decision, ObjectReader, UserInfo } from './contract.ts';
import { wantedUser } from './impersonation/headers.ts';
import { impersonate } from './impersonation/impersonate.ts';
import { AccessMetrics } from './metrics/access-metrics.ts';
import { measuredAuthenticate, measuredAuthorize } from './metrics/measured-access.ts';
import type { AccessOptions } from './options.ts';
import { createReview, type ReviewRequest, type ReviewSources } from './reviews/create-review.ts';
import { type IssuerDiscovery, issuerDiscovery } from './service-accounts/discovery.ts';
import { LastUsed } from './service-accounts/last-used.ts';
import { ServiceAccountTokens } from './service-accounts/token-authenticator.ts';
import { TokenIssuer } from './service-accounts/token-issuer.ts';
import { TokenMetrics } from './service-accounts/token-metrics.ts';

/** What stands between a request and the registry. */
export interface Access {
  /** @throws {StatusError} 401 */
  authenticate(request: AuthenticationRequest): UserInfo | Promise<UserInfo>;
  /**
   * The user that the impersonation headers ask for; the attributes' own when there are none.
   * @throws {StatusError} 400 or 403
   */
  impersonate(
    request: Pick<AuthenticationRequest, 'headers' | 'rawHeaders'>,
    attributes: Attributes,
  ): UserInfo | Promise<UserInfo>;
  authorize(attributes: Attributes): Decision | Promise<Decision>;
  /** Whether `authenticate` takes the certificates that came with a client's own. */
  readonly wantsChains: boolean;
  /** How often the authorities were exchanged: what was read of a connection before does not count after. */
  readonly trust: number;
  /** Other authorities of clients and of front proxies count from now on, PEM; for open connections too. */
  renewTrust(clientCa: string, proxyCa: string): void;
  readonly admission: AdmissionChain;
  /** Answers a resource of reviews, which is never stored. */
  review(request: ReviewRequest): Promise<KubeObject>;
  readonly tokens: TokenIssuer;
  /** Absent when the issuer is no HTTPS URL. */
  readonly issuerDiscovery: IssuerDiscovery | undefined;
  /** Stops following changes. */
  close(): void;
}

/** Puts authentication, authorization and admission together over the server's own state. */
export function buildAccess(options: AccessOptions, reader: ObjectReader, clock: Clock): Access {
  const { serviceAccounts } = options;
  const keys = serviceAccounts.verificationKeys.length
    ? serviceAccounts.verificationKeys
    : [serviceAccounts.signingKey];
  const verificationKeys = keys.map(loadVerificationKey);
  const audiences = audiencesOf(options);
  const tokens = buildTokens(options, verificationKeys, reader, clock);
  const { external } = options;
  const requestHeader = external?.requestHeader;
  const frontProxy = requestHeader && buildFrontProxy(requestHeader, options.clientCa ?? '', clock);
  const authenticator = new RequestAuthenticator({
    certificates: new ClientCertificates(clock, options.metrics && expirations(options.metrics)),
    tokens,
    anonymous: external?.anonymous ?? { enabled: options.anonymousAuth },
    logger: options.logger,
    ...(frontProxy === undefined ? {} : { frontProxy }),
  });
  let trust = 0;
  const modes = new Modes(options.authorizationModes, external?.authorizers, reader);
  const metrics = options.metrics && new AccessMetrics(options.metrics, clock);
  const authorizer = new AuthorizerUnion(modes.members(metrics));
  external?.authorizers?.onChange(() => authorizer.replace(modes.members(metrics)));
  const reviews: ReviewSources = {
    tokens,
    audiences,
    authorizer,
    clock,
    rules: () => modes.ruleSources(),
  };
  const timed = options.metrics && new PluginMetrics(options.metrics, clock);
  const webhookMetrics = options.metrics && new WebhookMetrics(options.metrics);
  const { rbac } = modes;
  const plugins = buildPlugins({ timed, webhookMetrics, options, reader, clock, authorizer, rbac });
  const authenticate: Access['authenticate'] = (request) => authenticator.authenticate(request);
  const authorize: Access['authorize'] = (attributes) => authorizer.authorize(attributes);
  return {
    authenticate: metrics === undefined ? authenticate : measuredAuthenticate(authenticate, metrics),
    impersonate: (request, attributes) => {
      const wanted = wantedUser(request);
      return wanted === undefined ? attributes.user : impersonate(authorizer, wanted, attributes);
    },
    authorize: metrics === undefined ? authorize : measuredAuthorize(authorize, metrics),
    renewTrust: (clientCa, proxyCa) => {
      if (frontProxy === undefined) authenticator.trust(clientsOf(clientCa, clock));
      else frontProxy.renew(proxyCa, clientCa);
      trust++;
    },
    get trust() {
      return trust;
    },
    get wantsChains() {
      return requestHeader !== undefined || trust > 0;
    },
    admission: new AdmissionChain(plugins),
    review: (request) => createReview(reviews, request),
    tokens: new TokenIssuer(
      {
        issuer: issuerOf(options),
        audiences,
        signingKey: serviceAccounts.signingKey,
        extendExpiration: serviceAccounts.extendExpiration,
        maxExpirationSeconds: serviceAccounts.maxExpirationSeconds,
      },
      reader,
      clock,
    ),
    issuerDiscovery: issuerDiscovery(
      issuerOf(options),
      verificationKeys,
      serviceAccounts.jwksUri,
      options.serverUrl,
    ),
    close: () => {
      modes.close();
      external?.close();
    },
  };
}

/** Upper bounds in seconds, as upstream's: none, half an hour, hours, days, a month, three, six, a year. */
const expirationBuckets = [0, 0.5, 1, 2, 6, 12, 24, 48, 96, 168, 720, 2160, 4320, 8640].map((h) => h * 3600);

/** For how long certificates of clients hold that come with requests. */
function expirations(registry: MetricsRegistry): Histogram {
  return registry
    .histogram({
      name: 'apiserver_client_certificate_expiration_seconds',
      help: "Time left of clients' certificates, at each request.",
      buckets: expirationBuckets,
    })
    .with();
}

function issuerOf(options: AccessOptions): string {
  const [issuer] = options.serviceAccounts.issuers;
  if (issuer === undefined) throw new Error('building access: no service account issuer is given');
  return issuer;
}

function audiencesOf(options: AccessOptions): readonly string[] {
  const { audiences, issuers } = options.serviceAccounts;
  return audiences.length > 0 ? audiences : issuers;
}

function buildTokens(
  options: AccessOptions,
  keys: readonly VerificationKey[],
  reader: ObjectReader,
  clock: Clock,
): TokenUnion {
  const audiences = audiencesOf(options);
  const { issuers } = options.serviceAccounts;
  const members: TokenAuthenticator[] = [];
  if (options.staticTokens.size > 0) members.push(new StaticTokens(options.staticTokens, audiences));
  const metrics = options.metrics && new TokenMetrics(options.metrics);
  const lastUsed = new LastUsed(options.transport, clock, options.logger);
  members.push(new ServiceAccountTokens({ issuers, audiences, keys, lastUsed, metrics }, reader, clock));
  if (options.bootstrapTokens) members.push(new BootstrapTokens(reader, clock, audiences));
  members.push(...(options.external?.tokens ?? []));
  return new TokenUnion(members);
}
