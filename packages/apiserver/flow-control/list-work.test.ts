import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { listSeats } from './list-work.ts';

/** A server that holds so many pods of so many bytes. */
function holding(count: number, bytes: number): ResourceRegistry {
  const value = { length: bytes };
  const index = {
    size: count,
    scan: (_from: string, _to: string, each: (entry: { value: { length: number } }) => boolean) => {
      each({ value });
    },
  };
  const cache = { prefix: '', lastRevision: 1, index };
  return {
    find: (_: string, resource: string) => (resource === 'pods' ? { cache } : undefined),
  } as unknown as ResourceRegistry;
}

const list = { verb: 'list', apiVersion: 'v1', resource: 'pods', name: '' };
const watch = { ...list, verb: 'watch' };

describe('listSeats()', () => {
  const large = holding(5000, 2000);
  type Query = Parameters<typeof listSeats>[2];
  const cases: readonly (readonly [string, typeof list, Query, most: number, seats: number])[] = [
    ['a list from the cache, which is streamed', list, {}, 0, 10],
    ['no more than its level gives', list, {}, 4, 4],
    ['a page of a revision', list, { limit: '500', resourceVersion: '7' }, 0, 10],
    ['a larger one', list, { limit: '2000', resourceVersion: '7' }, 0, 40],
    ['a page that goes on', list, { limit: '2000', continue: 'x' }, 0, 40],
    ['what selectors look at', list, { limit: '10', continue: 'x', labelSelector: 'a=b' }, 0, 50],
    ['an exact revision', list, { resourceVersion: '7', resourceVersionMatch: 'Exact' }, 0, 100],
    ['one no older', list, { resourceVersion: '7', resourceVersionMatch: 'NotOlderThan' }, 0, 10],
    ['a match that nobody knows', list, { resourceVersionMatch: 'X' }, 0, 100],
    ['a limit that is none', list, { limit: 'x' }, 0, 100],
    ['one object by its name', list, { fieldSelector: 'spec.nodeName=n,metadata.name=p' }, 0, 1],
    ['a small page of the cache', list, { limit: '10' }, 0, 1],
    ['what is not here', { ...list, resource: 'widgets' }, {}, 0, 1],
    ['a watch that begins with what there is', watch, {}, 0, 10],
    ['the same of old', watch, { resourceVersion: '0' }, 0, 10],
    ['a watch from a revision', watch, { resourceVersion: '7' }, 0, 1],
    ['one that asks for a list', watch, { resourceVersion: '7', sendInitialEvents: 'true' }, 0, 10],
    ['one that asks for none', watch, { resourceVersion: '7', sendInitialEvents: 'False' }, 0, 1],
  ];
  for (const [what, request, query, most, seats] of cases) {
    test(`takes ${seats} for ${what}`, () => assert.equal(listSeats(large, request, query, most), seats));
  }

  test('takes one where there is nothing', () => {
    assert.equal(listSeats(holding(0, 0), list, {}, 0), 1);
  });
});
