import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigFileError } from '../../../config-file/config-file-error.ts';
import { readAuthenticationConfig } from './read-configuration.ts';
import { validateAuthentication } from './validate-configuration.ts';

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';

function faults(yaml: string): string[] {
  const { errors } = validateAuthentication(readAuthenticationConfig(head + yaml), ['https://own.example']);
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

function refusal(text: string): string {
  try {
    readAuthenticationConfig(text);
  } catch (error) {
    assert.ok(error instanceof ConfigFileError);
    return error.message;
  }
  return 'none';
}

test("validateAuthentication() finds upstream's faults in upstream's words", () => {
  assert.deepEqual(faults('jwt: []'), []);
  assert.deepEqual(faults('jwt: [{issuer: {url: "http://u:p@x.example?q#f"}}]'), [
    'jwt[0].issuer.url: Invalid value: "http://u:p@x.example?q#f": URL scheme must be https',
    'jwt[0].issuer.url: Invalid value: "http://u:p@x.example?q#f": URL must not contain a username or password',
    'jwt[0].issuer.url: Invalid value: "http://u:p@x.example?q#f": URL must not contain a query',
    'jwt[0].issuer.url: Invalid value: "http://u:p@x.example?q#f": URL must not contain a fragment',
    'jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required',
    'jwt[0].claimMappings.username: Required value: claim or expression is required',
  ]);
  const issuer = 'issuer: {url: https://own.example, discoveryURL: https://own.example/, audiences: [a, a]}';
  assert.deepEqual(faults(`jwt: [{${issuer}, claimMappings: {username: {claim: sub}}}]`), [
    'jwt[0].issuer.url: Invalid value: "https://own.example": URL must not overlap with disallowed issuers: [https://own.example]',
    'jwt[0].issuer.discoveryURL: Invalid value: "https://own.example/": discoveryURL must be different from URL',
    'jwt[0].issuer.audiences[1]: Duplicate value: "a"',
    'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
    'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
  ]);
});

test('validateAuthentication() compiles expressions and minds unverified mail', () => {
  const jwt = (rest: string): string => `jwt: [{issuer: {url: https://a.example, audiences: [a]}, ${rest}}]`;
  assert.deepEqual(faults(jwt('claimMappings: {username: {expression: claims.email}}')), [
    'jwt[0].claimMappings.username.expression: Invalid value: "claims.email": claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
  ]);
  assert.deepEqual(
    faults(
      jwt(
        'claimMappings: {username: {expression: claims.email}}, claimValidationRules: [{expression: "claims.?email_verified.orValue(true) == true"}]',
      ),
    ),
    [],
  );
  const extra =
    'extra: [{key: kubernetes.io/x, valueExpression: claims.x}, {key: X, valueExpression: "1 +"}]';
  const found = faults(
    jwt(
      `claimMappings: {username: {claim: s, prefix: ""}, ${extra}}, userValidationRules: [{expression: user.nobody}]`,
    ),
  );
  assert.equal(found.length, 5, found.join('\n'));
  assert.match(found[0] as string, /^jwt\[0\].claimMappings.extra\[0\].key: .*reserved for Kubernetes use$/);
  assert.match(found[1] as string, /must be a domain-prefixed path/);
  assert.match(found[2] as string, /must be lowercase/);
  assert.match(
    found[3] as string,
    /extra\[1\].valueExpression: Invalid value: "1 \+": compilation failed: ERROR/,
  );
  assert.match(found[4] as string, /userValidationRules\[0\].expression: .*undefined field 'nobody'/);
  assert.deepEqual(
    faults(
      jwt(
        'claimMappings: {username: {claim: s, prefix: ""}}, claimValidationRules: [{expression: claims.x}]',
      ),
    ),
    ['jwt[0].claimValidationRules[0].expression: Invalid value: "claims.x": must evaluate to bool'],
  );
});

test('readAuthenticationConfig() is strict', () => {
  assert.equal(refusal(''), 'empty config data');
  assert.equal(
    refusal(`${head}jwt: [{isuer: {}}]\nextra: 1`),
    'strict decoding error: unknown field "extra", unknown field "jwt[0].isuer"',
  );
  assert.match(
    refusal(`${head}jwt: [{issuer: {url: 7}}]`),
    /^json: cannot unmarshal number into Go struct field/,
  );
  assert.match(refusal('apiVersion: v1\nkind: Pod'), /^no kind "Pod" is registered for version "v1"/);
});

test("validateAuthentication() tells of URLs, keys and conditions what upstream's libraries tell", () => {
  const jwt = (issuer: string, rest = ''): string =>
    `jwt: [{issuer: {audiences: [a], ${issuer}}, claimMappings: {username: {claim: sub, prefix: ""}${rest}}}]`;
  const cases: readonly (readonly [yaml: string, told: string])[] = [
    [
      'url: "https://x/%zz"',
      'issuer.url: Invalid value: "https://x/%zz": parse "https://x/%zz": invalid URL escape "%zz"',
    ],
    ['url: "://x"', 'issuer.url: Invalid value: "://x": parse "://x": missing protocol scheme'],
    [
      'url: "https://a", certificateAuthority: "-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----\\n"',
      'issuer.certificateAuthority: Invalid value: "<omitted>": x509: malformed certificate',
    ],
  ];
  for (const [issuer, told] of cases) assert.deepEqual(faults(jwt(issuer)), [`jwt[0].${told}`]);
  const extra = ', extra: [{key: "a.example/\u00e9", valueExpression: "claims.x"}]';
  assert.deepEqual(faults(jwt('url: "https://a"', extra)), [
    `jwt[0].claimMappings.extra[0].key: Invalid value: "\u00e9": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
  ]);
  assert.deepEqual(faults('anonymous: {conditions: [{path: /a}]}'), [
    'anonymous.conditions: Invalid value: [{"Path":"/a"}]: enabled should be set to true when conditions are defined',
  ]);
  const both = 'claimMappings: {username: {expression: claims.email, prefix: p}}';
  assert.deepEqual(faults(`jwt: [{issuer: {url: "https://a", audiences: [a]}, ${both}}]`), [
    'jwt[0].claimMappings.username.prefix: Invalid value: "p": may not be specified when expression is set',
  ]);
});
