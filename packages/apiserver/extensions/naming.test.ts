import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Definition } from './definition.ts';
import { establish } from './establishing.ts';
import { acceptNames } from './naming.ts';

const group = 'test.example.com';

type Names = Partial<Definition['spec']['names']>;

function definition(plural: string, names: Names, accepted?: Names, conditions: unknown[] = []): Definition {
  const all = (own: Names): Names => ({
    plural,
    singular: plural.slice(0, -1),
    kind: 'K',
    listKind: 'KList',
    ...own,
  });
  return {
    metadata: { name: `${plural}.${group}` },
    spec: { group, names: all(names) },
    status: { conditions, ...(accepted === undefined ? {} : { acceptedNames: all(accepted) }) },
  } as unknown as Definition;
}

const cats = definition('cats', {}, { shortNames: ['c', 'ct'], kind: 'Cat', listKind: 'CatList' });

const conflicts: readonly (readonly [string, Names, reason: string, message: string])[] = [
  ['a short name', { shortNames: ['c'] }, 'ShortNamesConflict', '"c" is already in use'],
  [
    'two short names',
    { shortNames: ['c', 'x', 'ct'] },
    'ShortNamesConflict',
    '["c" is already in use, "ct" is already in use]',
  ],
  ['a short name twice', { shortNames: ['c', 'c'] }, 'ShortNamesConflict', '"c" is already in use'],
  ['a plural as singular', { singular: 'cats' }, 'SingularConflict', '"cats" is already in use'],
  ['a list kind as kind', { kind: 'CatList' }, 'KindConflict', '"CatList" is already in use'],
  ['a kind as list kind', { listKind: 'Cat' }, 'ListKindConflict', '"Cat" is already in use'],
  [
    'several, of which the last is told',
    { singular: 'c', kind: 'Cat' },
    'KindConflict',
    '"Cat" is already in use',
  ],
];

for (const [what, names, reason, message] of conflicts) {
  test(`acceptNames() refuses ${what} that another definition has`, () => {
    const dogs = definition('dogs', names);
    const change = acceptNames(dogs, [cats, dogs]);
    assert.deepEqual(change?.conditions, [
      { type: 'NamesAccepted', status: 'False', reason, message },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ]);
    assert.equal(change.acceptedNames?.plural, 'dogs');
  });
}

test('acceptNames() gives free names, and leaves it to others to establish the definition', () => {
  const dogs = definition('dogs', { kind: 'Dog', listKind: 'DogList' });
  const change = acceptNames(dogs, [cats, dogs]);
  assert.deepEqual(change?.acceptedNames, dogs.spec.names);
  assert.deepEqual(change.conditions, [
    { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    {
      type: 'Established',
      status: 'False',
      reason: 'Installing',
      message: 'the initial names have been accepted',
    },
  ]);
});

test('acceptNames() takes a name for taken that the definition itself has for another use', () => {
  const dogs = definition('dogs', { singular: 'd' }, { shortNames: ['d'] });
  const [named] = acceptNames(dogs, [dogs])?.conditions ?? [];
  assert.equal(named?.message, '"d" is already in use');
});

test('acceptNames() does not look again at names that are accepted, whatever is said of them', () => {
  const refused = { type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: 'x' };
  const dogs = definition('dogs', { kind: 'Dog' }, { kind: 'Dog' }, [refused]);
  assert.equal(acceptNames(dogs, [cats, dogs]), undefined);
});

test('acceptNames() leaves an established definition established', () => {
  const established = { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'y' };
  const dogs = definition('dogs', { shortNames: ['c'] }, {}, [established]);
  assert.deepEqual(acceptNames(dogs, [cats, dogs])?.conditions[1], established);
});

test('establish() establishes what has its names, once', () => {
  const named = { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: '' };
  assert.equal(establish(definition('dogs', {})), undefined);
  const [condition] = establish(definition('dogs', {}, {}, [named]))?.conditions ?? [];
  assert.deepEqual(condition, {
    type: 'Established',
    status: 'True',
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  });
  assert.equal(establish(definition('dogs', {}, {}, [named, condition])), undefined);
});
