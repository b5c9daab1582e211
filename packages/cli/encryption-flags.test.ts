import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { apiserverFlags } from './apiserver-flags.ts';
import { encryptionFromFlags } from './encryption-flags.ts';
import { parseFlags } from './flags.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-encryption-flags-'));
after(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return `--encryption-provider-config=${join(dir, name)}`;
};
const from = (...argv: string[]) => encryptionFromFlags(parseFlags(argv, apiserverFlags));
const good = [
  'apiVersion: apiserver.config.k8s.io/v1',
  'kind: EncryptionConfiguration',
  'resources: [{resources: [secrets], providers: [{identity: {}}]}]',
].join('\n');

describe('encryptionFromFlags()', () => {
  test('encrypts nothing without a configuration', () => assert.equal(from(), undefined));

  test('binds values to the keys that the store has', () => {
    const config = file('good.yaml', good);
    assert.equal(from(config, '--etcd-prefix=/x')?.keyPrefix, '/registry');
    assert.equal(from(config, '--etcd-prefix=x/', '--etcd-servers=http://e')?.keyPrefix, '/x');
    assert.equal(from(config)?.reload, false);
  });

  const faults: readonly [string, string[], RegExp][] = [
    [
      'a reload of nothing',
      ['--encryption-provider-config-automatic-reload'],
      /must be set with --encryption-provider-config/,
    ],
    [
      'a file that is not there',
      ['--encryption-provider-config=/none'],
      /error while parsing file: error while loading file: error reading encryption provider configuration file "\/none": open \/none: no such file or directory/,
    ],
    ['an empty file', [file('empty.yaml', '')], /configuration file ".*empty.yaml" is empty/],
    [
      'a faulty file',
      [file('bad.yaml', good.replace('identity', 'kms'))],
      /name is a mandatory field for a provider/,
    ],
  ];
  for (const [name, argv, expected] of faults) {
    test(`refuses ${name}`, () => assert.throws(() => from(...argv), expected));
  }
});
