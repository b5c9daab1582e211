import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Definition, DefinitionVersion } from './definition.ts';
import { deprecationOf } from './deprecation.ts';

const definition = (...versions: Partial<DefinitionVersion>[]): Definition =>
  ({
    spec: {
      group: 'example.com',
      names: { kind: 'Cat' },
      versions: versions.map((v) => ({ served: true, ...v })),
    },
  }) as unknown as Definition;

const warningOf = (made: Definition): string =>
  deprecationOf(made, made.spec.versions[0] as DefinitionVersion);

test('deprecationOf() names the newest version that is served and not deprecated', () => {
  const old = { name: 'v1beta1', deprecated: true };
  assert.equal(warningOf(definition(old)), 'example.com/v1beta1 Cat is deprecated');
  assert.equal(
    warningOf(
      definition(old, { name: 'v1alpha1' }, { name: 'v1' }, { name: 'v2' }, { name: 'v3', served: false }),
    ),
    'example.com/v1beta1 Cat is deprecated; use example.com/v2 Cat',
  );
  assert.equal(
    warningOf(definition(old, { name: 'v2', deprecated: true }, { name: 'v1alpha9' })),
    'example.com/v1beta1 Cat is deprecated',
  );
});

test('deprecationOf() gives the words of the version itself, and none where it is not deprecated', () => {
  assert.equal(
    warningOf(definition({ name: 'v1', deprecated: true, deprecationWarning: 'no' }, { name: 'v2' })),
    'no',
  );
  assert.equal(warningOf(definition({ name: 'v1' }, { name: 'v2' })), '');
});
