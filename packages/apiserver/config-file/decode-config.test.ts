import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiserverConfigScheme, apiserverType } from './apiserver-config.ts';
import { ConfigFileError } from './config-file-error.ts';
import { decodeConfigAs } from './decode-config.ts';

const kind = 'AuthorizationConfiguration';
const scheme = apiserverConfigScheme('there.go:1', ['v1', 'v1beta1', 'v1alpha1'], kind, {
  authorizers: {
    list: {
      struct: 'AuthorizerConfiguration',
      fields: {
        type: 'string',
        webhook: {
          pointer: {
            struct: 'WebhookConfiguration',
            fields: {
              timeout: 'duration',
              cacheAuthorizedRequests: { pointer: 'bool' },
              policy: { named: 'PolicyType', value: 'string' },
            },
          },
        },
      },
    },
  },
});

const typeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const head = `apiVersion: apiserver.config.k8s.io/v1\nkind: ${kind}\n`;
const jsonHead = `"apiVersion":"apiserver.config.k8s.io/v1","kind":"${kind}"`;

function decode(text: string): Record<string, any> {
  return decodeConfigAs(text, scheme, apiserverType(kind));
}

function refusal(text: string): string {
  try {
    decode(text);
  } catch (error) {
    assert.ok(error instanceof ConfigFileError);
    return error.message;
  }
  return 'none';
}

describe('decodeConfigAs()', () => {
  test('gives what the file says, in the first document of YAML or in JSON', () => {
    const authorizers = [{ type: 'Webhook', webhook: { cacheAuthorizedRequests: false } }];
    const yaml = 'authorizers: [{type: Webhook, webhook: {cacheAuthorizedRequests: false}}]\n';
    assert.deepEqual(decode(`---\n${head}${yaml}---\nfoo: bar`)['authorizers'], authorizers);
    const json = `{${jsonHead},"authorizers":${JSON.stringify(authorizers)}}`;
    assert.deepEqual(decode(json)['authorizers'], authorizers);
    assert.equal(decode(head)['authorizers'], undefined);
  });

  const refusals: readonly (readonly [text: string, told: string])[] = [
    ['', "Object 'Kind' is missing in ''"],
    ['# c\n', "Object 'Kind' is missing in '# c\n'"],
    ['null', "Object 'Kind' is missing in 'null'"],
    ['kind: X', "Object 'apiVersion' is missing in 'kind: X'"],
    ['apiVersion: v1', "Object 'Kind' is missing in 'apiVersion: v1'"],
    [
      '[]',
      `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${typeMeta}`,
    ],
    ['{"a":1', "couldn't get version/kind; json parse error: unexpected end of JSON input"],
    [
      `{${jsonHead}}x`,
      "couldn't get version/kind; json parse error: invalid character 'x' after top-level value",
    ],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['apiVersion: x/y/z\nkind: A', 'unexpected GroupVersion string: x/y/z'],
    [
      'apiVersion: 5\nkind: A',
      "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion of type string",
    ],
    ['apiVersion: v1\nkind: Pod', 'no kind "Pod" is registered for version "v1" in scheme "there.go:1"'],
    [
      'apiVersion: apiserver.config.k8s.io/v1alpha1\nkind: AdmissionConfiguration',
      'no kind "AdmissionConfiguration" is registered for version "apiserver.config.k8s.io/v1alpha1" in scheme "there.go:1"',
    ],
    [
      'apiVersion: apiserver.k8s.io/v1alpha1\nkind: AdmissionConfiguration',
      'unexpected type: *apiserver.AdmissionConfiguration',
    ],
    ['apiVersion: v1\nkind: EncryptionConfig', 'unexpected type: *apiserver.EncryptionConfiguration'],
    [
      `${head}authorizers: 5`,
      'json: cannot unmarshal number into Go struct field AuthorizationConfiguration.authorizers of type []v1.AuthorizerConfiguration',
    ],
    [
      `${head.replace('/v1', '/v1beta1')}authorizers: [5]`,
      'json: cannot unmarshal number into Go struct field AuthorizationConfiguration.authorizers of type v1beta1.AuthorizerConfiguration',
    ],
    [
      `${head}authorizers: [{webhook: {timeout: 5}}]`,
      'json: cannot unmarshal number into Go struct field WebhookConfiguration.authorizers.webhook.timeout of type string',
    ],
    [
      `${head}authorizers: [{webhook: {policy: true}}]`,
      'json: cannot unmarshal bool into Go struct field WebhookConfiguration.authorizers.webhook.policy of type v1.PolicyType',
    ],
    [
      `${head}foo: 1\nauthorizers: [{bar: 2, webhook: {baz: 3}}]`,
      'strict decoding error: unknown field "authorizers[0].bar", unknown field "authorizers[0].webhook.baz", unknown field "foo"',
    ],
    [
      `${head}authorizers: []\nauthorizers: []`,
      'strict decoding error: yaml: unmarshal errors:\n  line 4: key "authorizers" already set in map',
    ],
    [
      `{${jsonHead},"authorizers":[],"authorizers":[]}`,
      'strict decoding error: duplicate field "authorizers"',
    ],
  ];
  for (const [text, told] of refusals) {
    test(`refuses ${JSON.stringify(text)} in upstream's words`, () => assert.equal(refusal(text), told));
  }
});
