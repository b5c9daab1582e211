import type { Attributes, AuthenticationRequest, Decision, UserInfo } from '../contract.ts';
import type { AccessMetrics } from './access-metrics.ts';

type Authenticate = (request: AuthenticationRequest) => UserInfo | Promise<UserInfo>;
type Authorize = (attributes: Attributes) => Decision | Promise<Decision>;

/** The same, timed. */
export function measuredAuthenticate(authenticate: Authenticate, metrics: AccessMetrics): Authenticate {
  return (request) => {
    const began = metrics.beginAuthentication();
    let user: UserInfo | Promise<UserInfo>;
    try {
      user = authenticate(request);
    } catch (error) {
      metrics.unauthenticated(began, hasCredential(request));
      throw error;
    }
    if (user instanceof Promise) return later(user, began, request, metrics);
    metrics.authenticated(began);
    return user;
  };
}

async function later(
  asked: Promise<UserInfo>,
  began: number,
  request: AuthenticationRequest,
  metrics: AccessMetrics,
): Promise<UserInfo> {
  try {
    const user = await asked;
    metrics.authenticated(began);
    return user;
  } catch (error) {
    metrics.unauthenticated(began, hasCredential(request));
    throw error;
  }
}

function hasCredential({ headers, peerCertificate, untrustedCertificate }: AuthenticationRequest): boolean {
  return (
    headers['authorization'] !== undefined || peerCertificate !== undefined || untrustedCertificate === true
  );
}

/** The same, timed. */
export function measuredAuthorize(authorize: Authorize, metrics: AccessMetrics): Authorize {
  return (attributes) => {
    const began = metrics.beginAuthorization();
    const decision = authorize(attributes);
    if (decision instanceof Promise) {
      return decision.then((made) => {
        metrics.authorized(began, made);
        return made;
      });
    }
    metrics.authorized(began, decision);
    return decision;
  };
}
