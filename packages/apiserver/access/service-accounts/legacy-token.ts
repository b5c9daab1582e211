import type { KubeObject } from '@coxswain/machinery';
import type { Claims } from '@coxswain/pki';
import { TokenError } from '../authentication/token.ts';
import type { ObjectReader, UserInfo } from '../contract.ts';
import { groups, serviceAccountGroups, serviceAccountUserName } from '../users.ts';

const prefix = 'kubernetes.io/serviceaccount/';

function text(claims: Claims, key: string): string {
  const value = claims[key];
  return typeof value === 'string' ? value : '';
}

/** Checks a Secret's token against the Secret and the account, and gives its user. Throws `TokenError`. */
export function checkLegacyToken(token: string, claims: Claims, reader: ObjectReader): UserInfo {
  const namespace = text(claims, `${prefix}namespace`);
  const secretName = text(claims, `${prefix}secret.name`);
  const name = text(claims, `${prefix}service-account.name`);
  const uid = text(claims, `${prefix}service-account.uid`);
  if (text(claims, 'sub') === '') throw new TokenError('sub claim is missing');
  if (namespace === '') throw new TokenError('namespace claim is missing');
  if (secretName === '') throw new TokenError('secretName claim is missing');
  if (name === '') throw new TokenError('serviceAccountName claim is missing');
  if (uid === '') throw new TokenError('serviceAccountUID claim is missing');
  if (text(claims, 'sub') !== serviceAccountUserName(namespace, name))
    throw new TokenError('sub claim is invalid');
  checkSecret(reader.get({ group: '', resource: 'secrets' }, namespace, secretName), token);
  const account = reader.get({ group: '', resource: 'serviceaccounts' }, namespace, name);
  if (account === undefined) throw new TokenError(`serviceaccounts "${name}" not found`);
  if (account.metadata.deletionTimestamp !== undefined) {
    throw new TokenError(`ServiceAccount ${namespace}/${name} has been deleted`);
  }
  if (account.metadata.uid !== uid) {
    throw new TokenError(`ServiceAccount UID (${account.metadata.uid}) does not match claim (${uid})`);
  }
  return {
    name: serviceAccountUserName(namespace, name),
    uid,
    groups: [...serviceAccountGroups(namespace), groups.authenticated],
  };
}

function checkSecret(secret: KubeObject | undefined, token: string): void {
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) {
    throw new TokenError('Token has been invalidated');
  }
  const stored: unknown = secret['data']?.['token'];
  if (typeof stored !== 'string' || Buffer.from(stored, 'base64').toString('utf8') !== token) {
    throw new TokenError("Token does not match server's copy");
  }
}
