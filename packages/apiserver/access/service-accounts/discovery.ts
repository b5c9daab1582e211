import type { VerificationKey } from '@coxswain/pki';

/** The two documents by which others verify this server's tokens (OpenID Connect Discovery 1.0). */
export interface IssuerDiscovery {
  /** Body of `/.well-known/openid-configuration`, JSON. */
  readonly configuration: string;
  /** Body of `/openid/v1/jwks`, content type `application/jwk-set+json`. */
  readonly keySet: string;
}

const jwksPath = '/openid/v1/jwks';

/**
 * Builds the discovery documents; `undefined` when the issuer is not an HTTPS URL, as then nobody could
 * fetch them.
 * @param jwksUri where the key set is; derived from `serverUrl` when `''`
 */
export function issuerDiscovery(
  issuer: string,
  keys: readonly VerificationKey[],
  jwksUri: string,
  serverUrl: string,
): IssuerDiscovery | undefined {
  if (!issuer.startsWith('https://')) return undefined;
  const algorithms = [...new Set(keys.map((key) => key.algorithm))].sort();
  return {
    configuration: JSON.stringify({
      issuer,
      jwks_uri: jwksUri === '' ? `${serverUrl}${jwksPath}` : jwksUri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: algorithms,
    }),
    keySet: JSON.stringify({
      keys: keys.map(({ id, algorithm, key }) => {
        const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' });
        return {
          use: 'sig',
          kty,
          kid: id,
          ...(crv === undefined ? {} : { crv }),
          alg: algorithm,
          n,
          e,
          x,
          y,
        };
      }),
    }),
  };
}
