import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OidcFlags, oidcConfiguration } from './oidc-flags.ts';

const flags: OidcFlags = {
  issuerUrl: 'https://a.example',
  clientId: 'cluster',
  usernameClaim: 'sub',
  usernamePrefix: '',
  groupsClaim: '',
  groupsPrefix: '',
  requiredClaims: {},
  signingAlgorithms: ['RS256'],
};

test('oidcConfiguration() prefixes names by the issuer unless told otherwise', () => {
  const prefix = (more: Partial<OidcFlags>): string | undefined =>
    oidcConfiguration({ ...flags, ...more }).jwt[0]?.claimMappings.username.prefix;
  assert.equal(prefix({}), 'https://a.example#');
  assert.equal(prefix({ usernameClaim: 'email' }), '');
  assert.equal(prefix({ usernamePrefix: '-' }), '');
  assert.equal(prefix({ usernamePrefix: 'oidc:', usernameClaim: 'email' }), 'oidc:');
});

test('oidcConfiguration() asks for groups and claims only when told to', () => {
  assert.deepEqual(
    oidcConfiguration({ ...flags, groupsClaim: 'g', requiredClaims: { hd: 'x' }, ca: 'PEM' }).jwt,
    [
      {
        issuer: { url: 'https://a.example', audiences: ['cluster'], certificateAuthority: 'PEM' },
        claimMappings: {
          username: { claim: 'sub', prefix: 'https://a.example#' },
          groups: { claim: 'g', prefix: '' },
        },
        claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }],
      },
    ],
  );
});
