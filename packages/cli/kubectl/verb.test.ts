import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { verbFirst } from './leading-flags.ts';
import { kubectlCommand, subcommandAt, type Verb } from './verb.ts';

const leaf: Verb = {
  usage: 'group leaf NAME',
  summary: 'Does things.',
  flags: { count: { type: 'int', shorthand: 'c', default: '1', help: 'How often' } },
  run: async (session) => {
    session.out(`${session.path} ${session.flags.int('count')} ${session.args.join(',')}\n`);
    return 0;
  },
};
const group: Verb = {
  usage: 'group',
  summary: 'A group.',
  subcommands: { leaf: async () => leaf, lf: async () => leaf },
};

async function call(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const code = await kubectlCommand('group', group).dispatch!(
    argv,
    { in: new PassThrough(), out, err },
    new AbortController().signal,
  );
  out.end();
  err.end();
  return { code, out: await text(out), err: await text(err) };
}

test('kubectlCommand() runs the subcommand when flags stand before and behind it', async () => {
  assert.deepEqual(await call('-n', 'web', 'leaf', '-c3', 'a', 'b'), {
    code: 0,
    out: 'group leaf 3 a,b\n',
    err: '',
  });
});

test('kubectlCommand() gives a subcommand its own name when an alias was called', async () => {
  assert.equal((await call('lf')).out, 'group leaf 1 \n');
});

test('kubectlCommand() words wrong flags as kubectl does', async () => {
  const hint = "\nSee 'cox group leaf --help' for usage.\n";
  assert.deepEqual(await call('leaf', '--foo'), {
    code: 1,
    out: '',
    err: `error: unknown flag: --foo${hint}`,
  });
  assert.equal((await call('leaf', '-Z')).err, `error: unknown shorthand flag: 'Z' in -Z${hint}`);
  assert.equal(
    (await call('leaf', '--count=x')).err,
    `error: invalid argument "x" for "--count" flag: strconv.ParseInt: parsing "x": invalid syntax${hint}`,
  );
});

test('kubectlCommand() refuses a subcommand that is not there', async () => {
  assert.equal(
    (await call('nope')).err,
    'error: unknown command "nope"\nSee \'cox group -h\' for help and examples\n',
  );
});

test('verbFirst() moves flags behind the verb with their values', () => {
  assert.deepEqual(verbFirst(['-n', 'web', '--context=c', 'get', 'pods']), [
    'get',
    '-n',
    'web',
    '--context=c',
    'pods',
  ]);
});

test('subcommandAt() gives -1 when there are flags alone', () => {
  assert.equal(subcommandAt(['--as', 'bob'], {}), -1);
});
