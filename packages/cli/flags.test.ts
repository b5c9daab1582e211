import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlagSpecs, parseDuration, parseFlags } from './flags.ts';

const specs: FlagSpecs = {
  namespace: { type: 'string', shorthand: 'n', help: '' },
  'all-namespaces': { type: 'bool', shorthand: 'A', help: '' },
  watch: { type: 'bool', shorthand: 'w', help: '' },
  controllers: { type: 'strings', default: '*', help: '' },
  'secure-port': { type: 'int', default: '6443', help: '' },
  'dry-run': { type: 'string', bare: 'unchanged', help: '' },
  timeout: { type: 'duration', help: '' },
};

test('parseFlags() takes values after = and after a space, and leaves the arguments in order', () => {
  const flags = parseFlags(['get', '--namespace=a', 'pods', '-n', 'b', '--', 'ls', '-l'], specs);
  assert.equal(flags.string('namespace'), 'b');
  assert.deepEqual(flags.args, ['get', 'pods']);
  assert.deepEqual(flags.afterDashes, ['ls', '-l']);
});

test('parseFlags() takes clustered shorthands and joined values', () => {
  const flags = parseFlags(['-Aw', '-nkube-system'], specs);
  assert.ok(flags.bool('all-namespaces') && flags.bool('watch'));
  assert.equal(flags.string('namespace'), 'kube-system');
});

test('parseFlags() gives a bare flag its own value and takes = for another', () => {
  assert.equal(parseFlags(['--dry-run', 'x'], specs).string('dry-run'), 'unchanged');
  assert.equal(parseFlags(['--dry-run=server'], specs).string('dry-run'), 'server');
});

test('parseFlags() splits lists at commas and over repetitions, and falls back to the default', () => {
  assert.deepEqual(parseFlags(['--controllers=a,b', '--controllers', 'c'], specs).strings('controllers'), [
    'a',
    'b',
    'c',
  ]);
  assert.deepEqual(parseFlags([], specs).strings('controllers'), ['*']);
});

test('parseFlags() names the nearest flag when one is unknown', () => {
  assert.throws(() => parseFlags(['--contolers=x'], specs), /unknown flag: --contolers; .* --controllers/);
  assert.throws(() => parseFlags(['-x'], specs), /unknown flag: -x in -x/);
});

test('parseFlags() refuses a missing or malformed value', () => {
  assert.throws(() => parseFlags(['--namespace'], specs), /flag needs an argument: --namespace/);
  assert.throws(() => parseFlags(['--secure-port=x'], specs).int('secure-port'), /not a whole number/);
  assert.throws(() => parseFlags(['--watch=maybe'], specs).bool('watch'), /not true or false/);
});

test('parseDuration() reads Go durations', () => {
  assert.equal(parseDuration('1m30s', 'x'), 90_000);
  assert.equal(parseDuration('1.5h', 'x'), 5_400_000);
  assert.equal(parseDuration('250ms', 'x'), 250);
  assert.throws(() => parseDuration('5', '--timeout'), /"5" for --timeout/);
});
