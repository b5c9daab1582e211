import { type Clock, formatTime, type GroupResource, type KubeObject } from '@coxswain/machinery';
import type { TokenUnion } from '../authentication/token-union.ts';
import type { Authorizer, UserInfo } from '../contract.ts';
import type { RuleSource } from '../external-access.ts';
import { reviewAccess, reviewLocalAccess, reviewSelfAccess } from './access-review.ts';
import { reviewRules } from './rules-review.ts';
import { reviewToken, userInfoOf } from './token-review.ts';

/** What reviews are answered from. */
export interface ReviewSources {
  readonly tokens: TokenUnion;
  readonly audiences: readonly string[];
  readonly authorizer: Authorizer;
  /** What tells the rules of users, in order. */
  readonly rules: () => readonly RuleSource[];
  readonly clock: Clock;
}

/** A review that was posted. */
export interface ReviewRequest {
  readonly resource: GroupResource;
  /** `''` for cluster-scoped reviews. */
  readonly namespace: string;
  /** The decoded review; not changed. */
  readonly object: KubeObject;
  /** Who asks. */
  readonly user: UserInfo;
}

/** Answers any of the review resources. @throws {StatusError} 400 or 422 as upstream */
export async function createReview(sources: ReviewSources, request: ReviewRequest): Promise<KubeObject> {
  const { object, user } = request;
  switch (request.resource.resource) {
    case 'tokenreviews':
      return reviewToken(sources.tokens, sources.audiences, object);
    case 'selfsubjectreviews':
      return {
        apiVersion: object.apiVersion,
        kind: object.kind,
        metadata: { creationTimestamp: formatTime(sources.clock.now()) },
        status: { userInfo: userInfoOf(user) },
      };
    case 'subjectaccessreviews':
      return reviewAccess(sources.authorizer, object);
    case 'selfsubjectaccessreviews':
      return reviewSelfAccess(sources.authorizer, object, user);
    case 'localsubjectaccessreviews':
      return reviewLocalAccess(sources.authorizer, object, request.namespace);
    case 'selfsubjectrulesreviews':
      return reviewRules(sources.rules(), object, user);
    default:
      throw new Error(`answering a review: "${request.resource.resource}" is none`);
  }
}
