import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { kubectlVerbs } from '../catalogue.ts';
import { completeCommand } from './complete.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-completion-'));
const kubeconfig = join(dir, 'config');
writeFileSync(
  kubeconfig,
  'contexts: [{name: work, context: {cluster: c, user: u}}, {name: world, context: {cluster: c, user: u}}]\n',
);
after(() => rmSync(dir, { recursive: true, force: true }));

async function complete(line: string): Promise<string[]> {
  const out = new PassThrough();
  const words = line.split(' ').map((word) => word.replace('KUBECONFIG', kubeconfig));
  const command = completeCommand(() => kubectlVerbs);
  const streams = { in: new PassThrough(), out, err: new PassThrough() };
  await command.dispatch?.(words, streams, new AbortController().signal);
  out.end();
  return (await text(out)).trim().split('\n');
}

describe('__complete', () => {
  const cases: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['des', ['describe', ':4']],
    ['rollout st', ['status', ':4']],
    ['create secret d', ['docker-registry', ':4']],
    ['-n web create secret t', ['tls', ':4']],
    ['get -o j', ['json', 'jsonpath=', 'jsonpath-as-json=', 'jsonpath-file=', ':4']],
    ['get --output=y', ['--output=yaml', ':4']],
    ['apply --dry-run=', ['--dry-run=none', '--dry-run=client', '--dry-run=server', ':4']],
    ['apply -f ', [':0']],
    ['config --kubeconfig=KUBECONFIG use-context wo', ['work', 'world', ':4']],
    ['--kubeconfig KUBECONFIG get --context wor', ['work', 'world', ':4']],
    ['completion z', ['zsh', ':4']],
    ['nothing at', [':4']],
  ];
  for (const [line, words] of cases) {
    test(`gives ${words.join(' ')} for ${line}`, async () => assert.deepEqual(await complete(line), words));
  }

  test('gives flags with what they mean', async () => {
    const [first = '', ...more] = await complete('rollout undo --to-r');
    assert.match(first, /^--to-revision=\t\w/);
    assert.deepEqual(more, [':4']);
  });

  test('gives nothing when the server cannot be asked', async () => {
    assert.deepEqual(await complete('get pods --server=http://127.0.0.1:1 w'), [':4']);
  });
});
