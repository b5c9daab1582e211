import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { silentLogger } from '@coxswain/machinery';
import { apiserverFlags } from './apiserver-flags.ts';
import { CliError } from './cli-error.ts';
import { externalAccess } from './external-access.ts';
import { parseFlags } from './flags.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-access-flags-'));
after(() => rmSync(dir, { recursive: true }));

const issuer = 'https://own.example';
const sources = { serviceAccountIssuers: [issuer], audiences: [issuer], logger: silentLogger };

async function fault(...argv: string[]): Promise<string> {
  try {
    const external = await externalAccess(parseFlags(argv, apiserverFlags), sources);
    external?.close();
    return external === undefined ? 'nothing' : 'something';
  } catch (error) {
    assert.ok(error instanceof CliError);
    assert.equal(error.exitCode, 1);
    return error.message.replaceAll(dir, 'DIR');
  }
}

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

describe('externalAccess()', () => {
  test('loads nothing where the flags name nothing', async () => {
    assert.equal(await fault(), 'nothing');
    assert.equal(await fault('--authorization-mode=AlwaysAllow', '--anonymous-auth=false'), 'nothing');
  });

  test("refuses flags that contradict each other in upstream's words", async () => {
    assert.equal(
      await fault('--oidc-client-id=a'),
      'error: oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set',
    );
    assert.equal(
      await fault('--oidc-client-id=a', '--authentication-config=x'),
      'error: authentication-config file and oidc-* flags are mutually exclusive',
    );
    assert.equal(
      await fault('--authorization-config=x', '--authorization-mode=RBAC'),
      'error: --authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
    );
    assert.equal(
      await fault('--authorization-mode=ABAC,Webhook,X,X'),
      `error: [authorization-mode ABAC's authorization policy file not passed, authorization-mode Webhook's authorization config file not passed, authorization-mode "X" is not a valid mode, authorization-mode "X" is not a valid mode, authorization-mode ["ABAC" "Webhook" "X" "X"] has mode specified more than once]`,
    );
    assert.equal(
      await fault('--authorization-policy-file=x'),
      'error: cannot specify --authorization-policy-file without mode ABAC',
    );
  });

  test('refuses what cannot be used', async () => {
    assert.equal(
      await fault('--oidc-client-id=a', '--oidc-issuer-url=http://x.example'),
      'error: invalid authentication configuration: jwt[0].issuer.url: Invalid value: "http://x.example": URL scheme must be https',
    );
    assert.equal(
      await fault('--oidc-client-id=a', '--oidc-issuer-url=https://x.example', '--oidc-signing-algs=HS256'),
      'error: oidc: unsupported signing alg: "HS256"',
    );
    assert.equal(
      await fault(`--authentication-config=${join(dir, 'none')}`),
      'error: failed to load authentication configuration from file "DIR/none": open DIR/none: no such file or directory',
    );
    const anonymous = file(
      'anonymous',
      'apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\nanonymous: {enabled: true}\n',
    );
    assert.equal(await fault(`--authentication-config=${anonymous}`), 'something');
    assert.equal(
      await fault(`--authentication-config=${anonymous}`, '--anonymous-auth=true'),
      'error: anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
    );
    assert.equal(
      await fault(`--authorization-config=${file('authz', 'apiVersion: v1\nkind: X\n')}`),
      'error: failed to load AuthorizationConfiguration from file: no kind "X" is registered for version "v1" in scheme "k8s.io/apiserver/pkg/apis/apiserver/load/load.go:32"',
    );
    const hook = file('hook', 'clusters: []\n');
    assert.equal(
      await fault(
        `--authentication-token-webhook-config-file=${hook}`,
        '--authentication-token-webhook-version=v2',
      ),
      'error: unsupported webhook authenticator version "v2", supported versions are "v1", "v1beta1"',
    );
    assert.equal(
      await fault(`--authentication-token-webhook-config-file=${hook}`),
      'error: invalid configuration: no configuration has been provided',
    );
  });
});
