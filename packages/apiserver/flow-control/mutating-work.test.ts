import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRequestInfo } from '../http/request-info.ts';
import { mutatingWork, tellsWatchers } from './mutating-work.ts';
import { WatchTracker } from './watch-tracker.ts';

describe('mutatingWork()', () => {
  const cases: readonly (readonly [
    watches: number,
    most: number,
    finalSeats: number,
    additionalMs: number,
  ])[] = [
    [0, 10, 0, 0],
    [9, 10, 0, 0],
    [10, 10, 1, 5],
    [99, 10, 10, 5],
    // the same work on fewer seats takes longer
    [1000, 10, 10, 50],
    [1000, 3, 3, 166.666666],
    // nothing is said of the level
    [1000, 0, 10, 50],
    [40, 100, 4, 5],
  ];
  for (const [watches, most, finalSeats, additionalMs] of cases) {
    test(`takes ${finalSeats} seats for ${additionalMs} ms for ${watches} watches of at most ${most}`, () => {
      assert.deepEqual(mutatingWork(watches, most), { initialSeats: 1, finalSeats, additionalMs });
    });
  }
});

describe('tellsWatchers()', () => {
  const account = '/api/v1/namespaces/a/serviceaccounts/b';
  for (const [method, path, expected] of [
    ['POST', '/api/v1/namespaces/a/pods', true],
    ['PATCH', '/api/v1/namespaces/a/pods/p/status', true],
    ['DELETE', '/api/v1/namespaces/a/pods/p', true],
    ['DELETE', '/api/v1/namespaces/a/pods', false],
    ['GET', '/api/v1/namespaces/a/pods', false],
    ['PUT', account, true],
    ['POST', `${account}/token`, false],
  ] as const) {
    test(`says ${expected} of ${method} ${path}`, () => {
      assert.equal(tellsWatchers(parseRequestInfo(method, path, false)), expected);
    });
  }
});

describe('WatchTracker', () => {
  const at = (path: string): ReturnType<typeof parseRequestInfo> => parseRequestInfo('PUT', path, false);
  const watch = (path: string): ReturnType<typeof parseRequestInfo> => parseRequestInfo('GET', path, true);

  test('counts those of all, of the namespace and of the object', () => {
    const counts = new WatchTracker();
    counts.register(watch('/api/v1/configmaps'), undefined);
    counts.register(watch('/api/v1/namespaces/a/configmaps'), '');
    counts.register(watch('/api/v1/namespaces/a/configmaps'), 'metadata.name=x');
    counts.register(watch('/api/v1/namespaces/b/configmaps'), undefined);
    counts.register(watch('/apis/apps/v1/deployments'), undefined);
    assert.equal(counts.interested(at('/api/v1/namespaces/a/configmaps/x')), 3);
    assert.equal(counts.interested(at('/api/v1/namespaces/a/configmaps/y')), 2);
    assert.equal(counts.interested(at('/api/v1/namespaces/a/configmaps')), 2);
    assert.equal(counts.interested(at('/api/v1/namespaces/c/configmaps/x')), 1);
    assert.equal(counts.interested(at('/api/v1/namespaces/a/secrets/x')), 0);
  });

  test('leaves out the watches of the pods of one node', () => {
    const counts = new WatchTracker();
    counts.register(watch('/api/v1/pods'), 'spec.nodeName=n');
    counts.register(watch('/api/v1/pods'), 'spec.nodeName=');
    counts.register(watch('/api/v1/pods'), 'spec.nodeName!=n');
    counts.register(watch('/api/v1/pods'), 'not a selector');
    assert.equal(counts.interested(at('/api/v1/namespaces/a/pods/p')), 3);
  });

  test('forgets watches that end', () => {
    const counts = new WatchTracker();
    const ended = [1, 2].map(() => counts.register(watch('/api/v1/pods'), undefined));
    ended[0]?.();
    assert.equal(counts.interested(at('/api/v1/namespaces/a/pods/p')), 1);
    ended[1]?.();
    assert.equal(counts.interested(at('/api/v1/namespaces/a/pods/p')), 0);
  });
});
