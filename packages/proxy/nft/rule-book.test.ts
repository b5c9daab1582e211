import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ElementTable, Fragment } from './fragment.ts';
import { RuleBook } from './rule-book.ts';

function fragment(
  chains: Record<string, string[]>,
  elements: Partial<Record<ElementTable, Record<string, string>>> = {},
  sets: Record<string, number> = {},
): Fragment {
  return {
    chains: new Map(Object.entries(chains)),
    affinitySets: new Map(Object.entries(sets)),
    elements: new Map(
      Object.entries(elements).map(([table, entries]) => [
        table as ElementTable,
        new Map(Object.entries(entries)),
      ]),
    ),
  };
}

const apply = (book: RuleBook, key: string, change: Fragment | undefined): string[] =>
  book
    .apply(new Map([[key, change]]))
    .split('\n')
    .filter((line) => line !== '');

test('RuleBook makes chains before what names them', () => {
  const book = new RuleBook();
  const lines = apply(book, 'a', fragment({ c: ['drop'] }, { 'service-ips': { 'x . tcp . 1': 'goto c' } }));
  assert.deepEqual(lines, [
    'add chain ip kube-proxy c',
    'add rule ip kube-proxy c drop',
    'add element ip kube-proxy service-ips { x . tcp . 1 : goto c }',
  ]);
});

test('RuleBook says nothing when nothing changed, and only what did', () => {
  const book = new RuleBook();
  const before = fragment({ c: ['one'], d: ['same'] }, { 'cluster-ips': { '10.0.0.1': '' } });
  apply(book, 'a', before);
  assert.deepEqual(apply(book, 'a', before), []);
  assert.deepEqual(
    apply(book, 'a', fragment({ c: ['two'], d: ['same'] }, { 'cluster-ips': { '10.0.0.1': '' } })),
    ['add chain ip kube-proxy c', 'flush chain ip kube-proxy c', 'add rule ip kube-proxy c two'],
  );
});

test('RuleBook removes what names a chain before the chain, and sets last', () => {
  const book = new RuleBook();
  apply(book, 'a', fragment({ c: ['x'] }, { 'service-ips': { k: 'goto c' } }, { s: 10 }));
  assert.deepEqual(apply(book, 'a', undefined), [
    'delete element ip kube-proxy service-ips { k }',
    'flush chain ip kube-proxy c',
    'delete chain ip kube-proxy c',
    'delete set ip kube-proxy s',
  ]);
});

test('RuleBook keeps an element as long as one of its owners is there', () => {
  const book = new RuleBook();
  const shared = { 'hairpin-connections': { 'p . p': '' } };
  assert.equal(apply(book, 'a', fragment({}, shared)).length, 1);
  assert.deepEqual(apply(book, 'b', fragment({}, shared)), []);
  assert.deepEqual(apply(book, 'a', undefined), []);
  assert.deepEqual(apply(book, 'b', undefined), [
    'delete element ip kube-proxy hairpin-connections { p . p }',
  ]);
});

test('RuleBook replaces the value of an element by taking it out first', () => {
  const book = new RuleBook();
  apply(book, 'a', fragment({}, { 'no-endpoint-services': { k: 'drop' } }));
  assert.deepEqual(apply(book, 'a', fragment({}, { 'no-endpoint-services': { k: 'goto reject-chain' } })), [
    'delete element ip kube-proxy no-endpoint-services { k }',
    'add element ip kube-proxy no-endpoint-services { k : goto reject-chain }',
  ]);
});
