import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { admissionFlags, admissionFromFlags } from './admission-flags.ts';
import { parseFlags } from './flags.ts';

const from = (...argv: string[]) => admissionFromFlags(parseFlags(argv, admissionFlags));

describe('admissionFromFlags()', () => {
  test('takes exactly the plugins of the old flag', () => {
    const { enableAdmissionPlugins, disableAdmissionPlugins } = from(
      '--admission-control=PodSecurity,AlwaysDeny',
    );
    assert.deepEqual(enableAdmissionPlugins, ['PodSecurity', 'AlwaysDeny']);
    assert.ok(disableAdmissionPlugins.includes('LimitRanger'));
    assert.ok(!disableAdmissionPlugins.includes('PodSecurity'));
  });

  for (const [argv, text] of [
    [['--enable-admission-plugins=Nope'], 'error: enable-admission-plugins plugin "Nope" is unknown'],
    [
      ['--enable-admission-plugins=PodSecurity', '--disable-admission-plugins=PodSecurity'],
      'error: [PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped',
    ],
    [
      ['--admission-control=PodSecurity', '--disable-admission-plugins=LimitRanger'],
      'error: admission-control and enable-admission-plugins/disable-admission-plugins flags are mutually exclusive',
    ],
  ] as const) {
    test(`refuses ${argv.join(' ')}`, () => {
      assert.throws(() => from(...argv), { message: text });
    });
  }
});
