import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { newKubeconfig, writeKubeconfig } from '@coxswain/client';
import { auditFlags, auditFromFlags } from './audit-flags.ts';
import { parseFlags } from './flags.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-audit-flags-'));
after(() => rmSync(dir, { recursive: true }));
const policy = join(dir, 'policy.yaml');
writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n');
const bad = join(dir, 'bad.yaml');
writeFileSync(bad, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Much}]\n');
const hook = join(dir, 'hook.yaml');
await writeKubeconfig(hook, newKubeconfig({ name: 'hook', server: 'https://127.0.0.1:1/audit', ca: '' }));

const from = (...argv: string[]) => auditFromFlags(parseFlags(argv, auditFlags));

describe('auditFromFlags()', () => {
  test('audits nothing without a policy or without a place to write to', () => {
    assert.equal(from(), undefined);
    assert.equal(from('--audit-log-path=-'), undefined);
    assert.equal(from(`--audit-policy-file=${policy}`), undefined);
  });

  test("takes upstream's defaults", () => {
    const options = from(
      `--audit-policy-file=${policy}`,
      '--audit-log-path=/a',
      `--audit-webhook-config-file=${hook}`,
    );
    assert.equal(options?.log?.mode, 'blocking');
    assert.equal(options?.log?.format, 'json');
    assert.deepEqual(options?.log?.file, {
      path: '/a',
      maxAgeDays: 366,
      maxBackups: 100,
      maxSizeMegabytes: 100,
      compress: false,
    });
    assert.equal(options?.webhook?.mode, 'batch');
    assert.equal(options?.webhook?.initialBackoffMs, 10_000);
    assert.equal(options?.webhook?.endpoint.server, 'https://127.0.0.1:1/audit');
    assert.deepEqual(options?.webhook?.batch, {
      bufferSize: 10_000,
      maxBatchSize: 400,
      maxBatchWaitMs: 30_000,
      throttle: { qps: 10, burst: 15 },
      concurrent: true,
    });
    assert.equal(options?.log?.truncate, undefined);
  });

  const faults: readonly [string, string[], RegExp][] = [
    [
      'a policy that is not there',
      ['--audit-policy-file=/none'],
      /loading audit policy file: failed to read file path "\/none"/,
    ],
    [
      'a bad policy',
      [`--audit-policy-file=${bad}`],
      /loading audit policy file: rules\[0\].level: Unsupported value: "Much".*: from file/,
    ],
    [
      'an unknown mode',
      ['--audit-log-path=-', '--audit-log-mode=fast'],
      /invalid audit log mode fast, allowed modes are/,
    ],
    ['an unknown format', ['--audit-log-path=-', '--audit-log-format=xml'], /invalid audit log format xml/],
    ['an unknown version', ['--audit-log-path=-', '--audit-log-version=v2'], /invalid group version/],
    [
      'a negative age',
      ['--audit-log-path=-', '--audit-log-maxage=-1'],
      /--audit-log-maxage -1 can't be a negative number/,
    ],
    [
      'a batch of nothing',
      ['--audit-log-path=-', '--audit-log-mode=batch', '--audit-log-batch-max-size=0'],
      /invalid audit batch log max batch size 0, must be a positive number/,
    ],
    [
      'a throttle of nothing',
      [`--audit-webhook-config-file=${hook}`, '--audit-webhook-batch-throttle-qps=0'],
      /invalid audit batch webhook throttle QPS 0, must be a positive number/,
    ],
    [
      'batches smaller than their events',
      ['--audit-log-path=-', '--audit-log-truncate-enabled', '--audit-log-truncate-max-batch-size=1'],
      /invalid audit truncate max batch size 1, must be greater than max event size \(102400\)/,
    ],
    [
      'a webhook that is not there',
      [`--audit-policy-file=${policy}`, '--audit-webhook-config-file=/none'],
      /initializing audit webhook: read the kubeconfig "\/none"/,
    ],
  ];
  for (const [name, argv, expected] of faults) {
    test(`refuses ${name}`, () => assert.throws(() => from(...argv), expected));
  }
});
