import { type KubeObject, newBadRequest } from '@coxswain/machinery';
import { TokenError } from '../authentication/token.ts';
import type { TokenUnion } from '../authentication/token-union.ts';
import type { UserInfo } from '../contract.ts';

/** authentication/v1 UserInfo of a user. */
export function userInfoOf(user: UserInfo): Record<string, unknown> {
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: user.groups,
    ...(user.extra === undefined ? {} : { extra: user.extra }),
  };
}

/** Answers TokenReview. @throws {StatusError} 400 when it holds no token */
export async function reviewToken(
  tokens: TokenUnion,
  ownAudiences: readonly string[],
  review: KubeObject,
): Promise<KubeObject> {
  const spec = review['spec'] ?? {};
  if (!spec['token']) throw newBadRequest('token is required for TokenReview in authentication');
  const asked: readonly string[] = spec['audiences']?.length ? spec['audiences'] : ownAudiences;
  return { ...review, status: await statusOf(tokens, spec['token'], asked) };
}

async function statusOf(
  tokens: TokenUnion,
  token: string,
  audiences: readonly string[],
): Promise<Record<string, unknown>> {
  try {
    const found = await tokens.authenticateToken(token, audiences);
    return {
      authenticated: true,
      user: userInfoOf(found.user),
      ...(found.audiences?.length ? { audiences: found.audiences } : {}),
    };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { user: {}, error: error.message };
  }
}
