import { X509Certificate } from 'node:crypto';
import {
  duplicate,
  type FieldError,
  FieldPath,
  type GoUrl,
  GoUrlError,
  invalid,
  parseGoUrl,
  required,
  tooMany,
} from '@coxswain/machinery';
import { type ClaimExpressions, compileClaims } from './compile-claims.ts';
import type { AuthenticationConfig, JwtConfig } from './configuration.ts';

/** Upstream's bound. */
const maxAuthenticators = 64;

/** What is wrong with a configuration, and the expressions of its authenticators in order. */
export interface ValidatedAuthentication {
  readonly errors: readonly FieldError[];
  readonly expressions: readonly ClaimExpressions[];
}

/**
 * Validates a configuration as upstream does.
 * @param disallowedIssuers issuers of service account tokens, which nobody else may be
 */
export function validateAuthentication(
  config: AuthenticationConfig,
  disallowedIssuers: readonly string[],
): ValidatedAuthentication {
  const root = FieldPath.root('jwt');
  const errors: FieldError[] = [];
  if (config.jwt.length > maxAuthenticators) {
    return { errors: [tooMany(root, config.jwt.length, maxAuthenticators)], expressions: [] };
  }
  const [issuers, discoveries] = [new Set<string>(), new Set<string>()];
  const expressions = config.jwt.map((one, i) => {
    const path = root.index(i);
    const issuerPath = path.child('issuer');
    validateIssuer(one.issuer, disallowedIssuers, issuerPath, errors);
    const compiled = compileClaims(one, path, errors);
    const { url = '', discoveryURL = '' } = one.issuer;
    if (issuers.has(url)) errors.push(duplicate(issuerPath.child('url'), url));
    issuers.add(url);
    if (discoveryURL !== '') {
      if (discoveries.has(discoveryURL))
        errors.push(duplicate(issuerPath.child('discoveryURL'), discoveryURL));
      discoveries.add(discoveryURL);
    }
    return compiled;
  });
  const { enabled = false, conditions = [] } = config.anonymous ?? {};
  if (!enabled && conditions.length > 0) {
    const text = 'enabled should be set to true when conditions are defined';
    // Upstream prints the structure that has no names of its own for JSON.
    const shown = conditions.map(({ path = '' }) => ({ Path: path }));
    errors.push(invalid(FieldPath.root('anonymous', 'conditions'), shown, text));
  }
  return { errors, expressions };
}

function validateIssuer(
  issuer: JwtConfig['issuer'],
  disallowed: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const { url = '', discoveryURL = '', certificateAuthority = '', egressSelectorType = '' } = issuer;
  if (url === '') errors.push(required(path.child('url')));
  else validateUrl(url, disallowed, path.child('url'), errors);
  if (discoveryURL !== '') {
    const at = path.child('discoveryURL');
    if (url !== '' && trimSlashes(url) === trimSlashes(discoveryURL)) {
      errors.push(invalid(at, discoveryURL, 'discoveryURL must be different from URL'));
    }
    validateUrl(discoveryURL, [], at, errors);
  }
  validateAudiences(issuer, path, errors);
  const fault = certificateAuthority === '' ? undefined : bundleFault(certificateAuthority);
  if (fault !== undefined) errors.push(invalid(path.child('certificateAuthority'), '<omitted>', fault));
  if (
    egressSelectorType !== '' &&
    egressSelectorType !== 'controlplane' &&
    egressSelectorType !== 'cluster'
  ) {
    const text = 'egress selector must be either controlplane or cluster';
    errors.push(invalid(path.child('egressSelectorType'), egressSelectorType, text));
  }
}

function trimSlashes(text: string): string {
  return text.replace(/\/+$/, '');
}

function validateUrl(
  text: string,
  disallowed: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (disallowed.includes(text)) {
    const list = [...disallowed].sort().join(' ');
    errors.push(invalid(path, text, `URL must not overlap with disallowed issuers: [${list}]`));
  }
  for (const fault of urlFaults(text)) errors.push(invalid(path, text, fault));
}

function urlFaults(text: string): readonly string[] {
  let url: GoUrl;
  try {
    url = parseGoUrl(text);
  } catch (error) {
    if (error instanceof GoUrlError) return [error.message];
    throw error;
  }
  return [
    ...(url.scheme === 'https' ? [] : ['URL scheme must be https']),
    ...(url.user === undefined ? [] : ['URL must not contain a username or password']),
    ...(url.query === '' ? [] : ['URL must not contain a query']),
    ...(url.fragment === '' ? [] : ['URL must not contain a fragment']),
  ];
}

function validateAudiences(
  { audiences = [], audienceMatchPolicy: policy = '' }: JwtConfig['issuer'],
  issuer: FieldPath,
  errors: FieldError[],
): void {
  const path = issuer.child('audiences');
  const policyPath = issuer.child('audienceMatchPolicy');
  if (audiences.length === 0) {
    errors.push(required(path, `at least one ${path} is required`));
    return;
  }
  const seen = new Set<string>();
  audiences.forEach((audience, i) => {
    if (audience === '') errors.push(required(path.index(i)));
    if (seen.has(audience)) errors.push(duplicate(path.index(i), audience));
    seen.add(audience);
  });
  if (policy === 'MatchAny') return;
  if (audiences.length > 1) {
    const text = 'audienceMatchPolicy must be MatchAny for multiple audiences';
    errors.push(invalid(policyPath, policy, text));
  } else if (policy !== '') {
    const text = 'audienceMatchPolicy must be empty or MatchAny for single audience';
    errors.push(invalid(policyPath, policy, text));
  }
}

/** Why a text is no bundle of certificates. */
function bundleFault(pem: string): string | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'data does not contain any valid RSA or ECDSA certificates';
  try {
    for (const block of blocks) new X509Certificate(block);
    return undefined;
  } catch {
    return 'x509: malformed certificate';
  }
}
