import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../support/run-program.ts';
import { hasKubectl } from './support/has-kubectl.ts';

const here = dirname(fileURLToPath(import.meta.url));
const cox = join(here, '..', '..', 'cox');
const examples = join(here, 'kustomizations');

interface Built {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function build(program: string, dir: string): Promise<Built> {
  const { code, stdout, stderr } = await runProgram(program, ['kustomize', dir], { cwd: examples });
  return { code, out: stdout, error: reason(stderr) };
}

/** What is said, without how the one or the other program says that it failed. */
function reason(err: string): string {
  const logged = /^E\d{4} .*"command failed" err="(.*)"$/m.exec(err)?.[1];
  return logged === undefined ? err.replace(/^error: /, '').trim() : JSON.parse(`"${logged}"`).trim();
}

describe('cox kustomize', { skip: !hasKubectl() && 'kubectl is not on the PATH' }, () => {
  for (const dir of [
    'overlay/over',
    'components/over',
    'merging/over',
    'names/all',
    'references',
    'ordered',
    'stateful',
  ]) {
    test(`builds ${dir} byte for byte as kubectl does`, async () => {
      const [kubectl, own] = await Promise.all([build('kubectl', dir), build(cox, dir)]);
      assert.deepEqual(own, kubectl);
      assert.equal(own.code, 0);
    });
  }

  for (const name of readdirSync(join(examples, 'wrong'))) {
    test(`says what is wrong with ${name}`, async () => {
      const dir = join('wrong', name);
      const [kubectl, own] = await Promise.all([build('kubectl', dir), build(cox, dir)]);
      // Where a generator is in memory is told too.
      const error = kubectl.error.replace(/ &\{0x\w+ <nil>\}/, '');
      assert.deepEqual(own, { ...kubectl, error });
      assert.equal(own.code, 1);
    });
  }
});
