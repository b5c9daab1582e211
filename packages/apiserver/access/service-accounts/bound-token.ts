import type { Clock, GroupResource, KubeObject } from '@coxswain/machinery';
import { TokenError } from '../authentication/token.ts';
import type { ObjectReader, UserInfo } from '../contract.ts';
import { extraKeys, groups, serviceAccountGroups, serviceAccountUserName } from '../users.ts';
import type { BoundClaims, ClaimRef } from './claims.ts';

const core = (resource: string): GroupResource => ({ group: '', resource });
const resources = {
  serviceAccount: core('serviceaccounts'),
  pod: core('pods'),
  secret: core('secrets'),
  node: core('nodes'),
} as const;

/** An object deleted less than this ago still counts: the leeway of upstream's JWT library. */
const leewayMs = 60_000;

const invalidated = 'service account token has been invalidated';

/** Checks a bound token's times and that everything it is bound to is still there. Throws `TokenError`. */
export function checkBoundClaims(claims: BoundClaims, reader: ObjectReader, clock: Clock): void {
  const now = clock.now();
  checkTimes(claims, now / 1000);
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
  checkServiceAccount(
    reader.get(resources.serviceAccount, namespace, serviceaccount.name),
    serviceaccount,
    now,
  );
  if (secret !== undefined) {
    checkBound(
      reader.get(resources.secret, namespace, secret.name),
      secret,
      now,
      (uid, claimed) => `secret UID (${uid}) does not match service account secret ref claim (${claimed})`,
    );
  }
  if (pod !== undefined) {
    checkBound(
      reader.get(resources.pod, namespace, pod.name),
      pod,
      now,
      (uid, claimed) => `pod UID (${uid}) does not match service account pod ref claim (${claimed})`,
    );
  } else if (node !== undefined) {
    checkBound(
      reader.get(resources.node, '', node.name),
      node,
      now,
      (uid, claimed) => `node UID (${uid}) does not match service account node ref claim (${claimed})`,
    );
  }
}

function checkTimes(claims: BoundClaims, now: number): void {
  if (claims.nbf !== undefined && now < claims.nbf)
    throw new TokenError('service account token is not valid yet');
  if (now > claims.exp) throw new TokenError('service account token has expired');
  if (claims.iat !== undefined && now < claims.iat) {
    throw new TokenError('service account token is issued in the future');
  }
}

function deletedBefore(object: KubeObject, ms: number): boolean {
  const { deletionTimestamp } = object.metadata;
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < ms;
}

function checkServiceAccount(found: KubeObject | undefined, ref: ClaimRef, now: number): void {
  if (found === undefined) throw new TokenError(`serviceaccounts "${ref.name}" not found`);
  if (deletedBefore(found, now - leewayMs)) throw new TokenError('service account has been deleted');
  if (found.metadata.uid !== ref.uid) {
    throw new TokenError(`service account UID (${found.metadata.uid}) does not match claim (${ref.uid})`);
  }
}

function checkBound(
  found: KubeObject | undefined,
  ref: ClaimRef,
  now: number,
  mismatch: (uid: string, claimed: string) => string,
): void {
  if (found === undefined || deletedBefore(found, now - leewayMs)) throw new TokenError(invalidated);
  if (found.metadata.uid !== ref.uid) throw new TokenError(mismatch(found.metadata.uid ?? '', ref.uid ?? ''));
}

/** The user of a bound token. */
export function userOfBoundClaims(claims: BoundClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
  const extra: Record<string, readonly string[]> = {};
  if (claims.jti) extra[extraKeys.credentialId] = [`JTI=${claims.jti}`];
  if (node !== undefined) {
    extra[extraKeys.nodeName] = [node.name];
    if (node.uid) extra[extraKeys.nodeUid] = [node.uid];
  }
  if (pod !== undefined) {
    extra[extraKeys.podName] = [pod.name];
    extra[extraKeys.podUid] = [pod.uid ?? ''];
  }
  return {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    ...(serviceaccount.uid === undefined ? {} : { uid: serviceaccount.uid }),
    groups: [...serviceAccountGroups(namespace), groups.authenticated],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
