import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EncryptionConfigError } from './config.ts';
import { parseEncryptionConfig } from './load-config.ts';

const secret = Buffer.alloc(32).toString('base64');
const whole = (resources: unknown): string =>
  JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration', resources });
const block = (provider: object, resources: readonly string[] = ['secrets']): string =>
  whole([{ resources, providers: [provider] }]);
const gcm = (keys: unknown): object => ({ aesgcm: { keys } });
const kms = (over: object): object => ({
  kms: { apiVersion: 'v2', name: 'p', endpoint: 'unix:///k.sock', ...over },
});
const good = gcm([{ name: 'a', secret }]);

const faults: readonly [string, string, RegExp | string][] = [
  [
    'nothing',
    '',
    'error while parsing file: error while loading file: encryption provider configuration file "enc.yaml" is empty',
  ],
  [
    'another kind',
    'apiVersion: v1\nkind: Pod\n',
    'error while parsing file: error decoding encryption provider configuration file "enc.yaml": no kind "Pod" is registered for version "v1" in scheme "k8s.io/apiserver/pkg/server/options/encryptionconfig/config.go:142"',
  ],
  [
    'no resources',
    whole([]),
    'error while parsing file: resources: Required value: at least one resources is required',
  ],
  [
    'no providers',
    whole([{ resources: ['secrets'], providers: [] }]),
    'error while parsing file: resources[0].providers: Required value: at least one resources[0].providers is required',
  ],
  ['a misspelt provider', block({ aesGCM: {} }), /unknown field "resources\[0\].providers\[0\].aesGCM"/],
  [
    'two providers in one element',
    block({ ...good, identity: {} }),
    /more than one provider specified in a single element/,
  ],
  [
    'no keys',
    block(gcm([])),
    'error while parsing file: resources[0].providers[0].aesgcm.keys: Required value: at least one keys is required',
  ],
  [
    'a key without a name',
    block(gcm([{ secret }])),
    /keys\[0\].name: Required value: name is a mandatory field for a key/,
  ],
  [
    'a secret that is no base64',
    block(gcm([{ name: 'a', secret: 'YSo=$' }])),
    'error while parsing file: resources[0].providers[0].aesgcm.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
  ],
  [
    'a secret of a wrong length',
    block(gcm([{ name: 'a', secret: 'YWJj' }])),
    /secret is not of the expected length, got 3, expected one of \[16 24 32\]/,
  ],
  [
    'a short secret for secretbox',
    block({ secretbox: { keys: [{ name: 'a', secret: Buffer.alloc(16).toString('base64') }] } }),
    /got 16, expected one of \[32\]/,
  ],
  [
    'KMS v1',
    block(kms({ apiVersion: 'v1' })),
    'error while building transformers: KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.',
  ],
  [
    'KMS v3',
    block(kms({ apiVersion: 'v3' })),
    /unsupported apiVersion apiVersion for KMS provider, only v1 and v2/,
  ],
  [
    'a KMS over TCP',
    block(kms({ endpoint: 'tcp://h:1' })),
    /unsupported scheme "tcp" for KMS provider, only unix/,
  ],
  ['a KMS with a colon', block(kms({ name: 'a:b' })), /invalid KMS provider name a:b, must not contain ':'/],
  ['a KMS without time', block(kms({ timeout: '0s' })), /timeout should be a positive value/],
  [
    'a KMS twice',
    whole([{ resources: ['secrets'], providers: [kms({}), kms({})] }]),
    /duplicate KMS provider name p, names must be unique/,
  ],
  [
    'a resource twice',
    block(good, ['secrets', 'secrets']),
    /the same resource cannot be specified multiple times/,
  ],
  ['a masked resource', block(good, ['secrets', '*.']), /using overlapping resources/],
  ['a star alone', block(good, ['*']), /use '\*\.' to encrypt all the resources from core API group/],
  ['capital letters', block(good, ['Secrets']), /resource name should not contain capital letters/],
  [
    'events of the new group',
    block(good, ['events.events.k8s.io']),
    /are stored using the 'events' API group/,
  ],
  ['a group that is gone', block(good, ['*.extensions']), /'extensions' group has been removed/],
];

describe('parseEncryptionConfig()', () => {
  for (const [name, text, expected] of faults) {
    test(`refuses ${name}`, () => {
      assert.throws(
        () => parseEncryptionConfig(text, 'enc.yaml'),
        (error: unknown) => {
          assert.ok(error instanceof EncryptionConfigError);
          if (typeof expected === 'string') assert.equal(error.message, expected);
          else assert.match(error.message, expected);
          return true;
        },
      );
    });
  }

  test('takes a whole configuration in YAML', () => {
    const text = [
      'apiVersion: apiserver.config.k8s.io/v1',
      'kind: EncryptionConfiguration',
      'resources:',
      '- resources: [secrets, "*.apps", boats.example.com]',
      '  providers:',
      `  - aescbc: {keys: [{name: a, secret: ${secret}}]}`,
      '  - kms: {apiVersion: v2, name: p, endpoint: "unix:///k.sock", timeout: 5s}',
      '  - identity: {}',
      '- resources: ["*.*"]',
      `  providers: [{secretbox: {keys: [{name: a, secret: ${secret}}]}}]`,
    ].join('\n');
    assert.equal(parseEncryptionConfig(text, 'enc.yaml').resources?.length, 2);
  });
});
