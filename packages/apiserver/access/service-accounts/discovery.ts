import { type GoUrl, GoUrlError, goJson, parseGoUrl } from '@coxswain/machinery';
import type { VerificationKey } from '@coxswain/pki';

/** The two documents by which others verify this server's tokens (OpenID Connect Discovery 1.0). */
export interface IssuerDiscovery {
  /** Body of `/.well-known/openid-configuration`, JSON. */
  readonly configuration: string;
  /** Body of `/openid/v1/jwks`, content type `application/jwk-set+json`. */
  readonly keySet: string;
}

const jwksPath = '/openid/v1/jwks';

function parsed(text: string): GoUrl | undefined {
  try {
    return parseGoUrl(text);
  } catch (error) {
    if (error instanceof GoUrlError) return undefined;
    throw error;
  }
}

const isHttps = (text: string): boolean => parsed(text)?.scheme === 'https';

function isPlainHttps(text: string): boolean {
  const url = parsed(text);
  return url?.scheme === 'https' && url.query === '' && url.fragment === '';
}

/**
 * Builds the discovery documents; `undefined` when the issuer is not an HTTPS URL without query and fragment, or the
 * place of the keys is none, as then nobody could fetch them, and where there are no keys.
 * @param jwksUri where the key set is; derived from `serverUrl` when `''`
 */
export function issuerDiscovery(
  issuer: string,
  keys: readonly VerificationKey[],
  jwksUri: string,
  serverUrl: string,
): IssuerDiscovery | undefined {
  if (keys.length === 0 || !isPlainHttps(issuer) || (jwksUri !== '' && !isHttps(jwksUri))) return undefined;
  const algorithms = [...new Set(keys.map((key) => key.algorithm))].sort();
  return {
    configuration: goJson({
      issuer,
      jwks_uri: jwksUri === '' ? `${serverUrl}${jwksPath}` : jwksUri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: algorithms,
    }),
    keySet: goJson({
      keys: keys.map(({ id, algorithm, key }) => {
        const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' });
        return {
          use: 'sig',
          kty,
          kid: id,
          ...(crv === undefined ? {} : { crv }),
          alg: algorithm,
          ...(kty === 'RSA' ? { n, e } : { x, y }),
        };
      }),
    }),
  };
}
